package io.cashew.proxy.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A memcached server that does to its clients what the test says with each line; it answers {@code
 * version} by itself. One thread a connection.
 */
public final class MisbehavingMemcached implements AutoCloseable {
  /** What it does with a line. */
  public interface Behaviour {
    /** The bytes that it sends, perhaps none; null: it closes the connection. */
    @Nullable String onLine(String line);
  }

  private final ServerSocket listener;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour;

  /** A server on a free port of the loopback address. */
  public MisbehavingMemcached(Behaviour behaviour) {
    this.behaviour = behaviour;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("misbehaving memcached", this::accept);
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        start("connection of a misbehaving memcached", () -> serve(socket));
      }
    } catch (IOException closed) {
      return; // the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String answer = line.equals("version") ? "VERSION 1.6.18\r\n" : answer(line);
        if (answer == null) {
          return;
        }
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException left) {
      return; // the client has closed it
    }
  }

  private @Nullable String answer(String line) {
    lines.add(line);
    return behaviour.onLine(line);
  }

  /** Does this from now on. */
  public void behave(Behaviour next) {
    behaviour = next;
  }

  /** Sends bytes that nobody has asked for to all who are connected. */
  public void sayToAll(String bytes) {
    sockets.removeIf(socket -> !says(socket, bytes));
  }

  private static boolean says(Socket socket, String bytes) {
    try {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  /** What it was sent but for {@code version}, each line. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** The port it listens on, at 127.0.0.1. */
  public int port() {
    return listener.getLocalPort();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
