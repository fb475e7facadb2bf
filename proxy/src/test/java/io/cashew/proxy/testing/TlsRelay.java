package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Takes connections over TLS and passes what they carry to a port of this machine, and back. */
public final class TlsRelay implements AutoCloseable {
  private final SSLServerSocket listener;
  private final int target;
  private final AtomicInteger handshakes = new AtomicInteger();
  private final List<Socket> sockets = new ArrayList<>();

  /**
   * Begins to listen.
   *
   * @param context what it shows and trusts
   * @param needsCertificate whether it lets in only who shows a certificate
   */
  public TlsRelay(int target, SSLContext context, boolean needsCertificate) {
    this.target = target;
    try {
      listener =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    listener.setNeedClientAuth(needsCertificate);
    start(this::accept);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "tls relay");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        SSLSocket client = (SSLSocket) listener.accept();
        start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(SSLSocket client) {
    try (client;
        Socket node = new Socket(InetAddress.getLoopbackAddress(), target)) {
      synchronized (sockets) {
        sockets.add(client);
        sockets.add(node);
      }
      client.startHandshake();
      handshakes.incrementAndGet();
      node.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
      start(() -> copyUntilEnd(node, client));
      copy(client.getInputStream(), node.getOutputStream());
    } catch (IOException over) {
      // Refused, or left: the connections are closed either way.
      return;
    }
  }

  private static void copyUntilEnd(Socket from, Socket to) {
    try (to) {
      copy(from.getInputStream(), to.getOutputStream());
    } catch (IOException over) {
      // The other direction has ended it.
      return;
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[64 << 10];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
    }
  }

  /** Where it listens, at 127.0.0.1. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Connections whose handshake was done. */
  public int handshakes() {
    return handshakes.get();
  }

  @Override
  public void close() {
    try {
      listener.close();
      synchronized (sockets) {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
