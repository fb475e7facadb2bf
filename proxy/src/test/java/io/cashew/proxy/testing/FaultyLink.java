package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The network between the proxy and a node, with switches for what networks do. It passes bytes on
 * as they come and knows nothing of what they mean; what a node does wrong is for {@link
 * MisbehavingNode}. Three threads a connection.
 */
public final class FaultyLink implements AutoCloseable {

  /** What becomes of the bytes that the node says. */
  @FunctionalInterface
  public interface Fault {
    /** Passes bytes on, or something else, or nothing. */
    void onReply(Connection connection, byte[] bytes) throws IOException;
  }

  /** How a connection ends. */
  public enum End {
    FIN,
    RST
  }

  /** No fault at all. */
  public static final Fault NONE = Connection::say;

  private static final int PIECE = 64 << 10;

  /** So many connections that nobody accepts fill a backlog of one. */
  private static final int FILLERS = 4;

  private final int target;
  private final AtomicInteger connects = new AtomicInteger();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final List<SocketChannel> fillers = new ArrayList<>();
  private final Object gate = new Object();
  private volatile Fault fault = NONE;
  private volatile long latencyMillis;
  private boolean held;
  private ServerSocket listener;
  private int port;
  private Thread acceptor = new Thread();

  private FaultyLink(int target) {
    this.target = target;
    listener = bind(512);
    port = listener.getLocalPort();
    accept();
  }

  /** A link to a server on a port of the loopback address. */
  public static FaultyLink to(int port) {
    return new FaultyLink(port);
  }

  /** The port that leads to the node, at 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Connections so far. */
  public int connects() {
    return connects.get();
  }

  private ServerSocket bind(int backlog) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), backlog);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  private void accept() {
    ServerSocket socket = listener;
    acceptor = daemon("link", () -> accept(socket));
  }

  private void accept(ServerSocket socket) {
    while (true) {
      try {
        Connection connection = new Connection(socket.accept());
        connects.incrementAndGet();
        connections.add(connection);
        connection.start();
      } catch (IOException e) {
        if (socket.isClosed()) {
          return; // the test wants it so
        }
      }
    }
  }

  private static Thread daemon(String name, Runnable run) {
    Thread thread = new Thread(run, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  // ---------------------------------------------------------------- switches

  /** Does this with what the node says from now on. */
  public void replies(Fault next) {
    fault = next;
  }

  /** Every reply takes so much longer from now on. */
  public void latencyMillis(long millis) {
    latencyMillis = millis;
  }

  /** Lets nothing pass either way, and loses nothing: it comes when it may, however late. */
  public void blackhole(boolean on) {
    synchronized (gate) {
      held = on;
      gate.notifyAll();
    }
  }

  /**
   * Lets nothing more pass on the connections on which the proxy has said this: they are as good as
   * dead, and nobody is told. Others are not harmed.
   *
   * @return how many there are
   */
  public int freezeWhere(String said) {
    int frozen = 0;
    for (Connection connection : connections) {
      frozen += connection.freezeIf(said) ? 1 : 0;
    }
    return frozen;
  }

  /** Ends what there is, for both sides, and goes on accepting. */
  public void drop(End end) {
    connections.forEach(connection -> connection.end(end));
  }

  /** Says the end to the proxy, and goes on listening to it. */
  public void halfClose() {
    connections.forEach(Connection::halfClose);
  }

  /** Says this on every connection, asked or not, but for those that the proxy has just ended. */
  public void say(String bytes) {
    int heard = 0;
    for (Connection connection : connections) {
      try {
        connection.say(bytes.getBytes(StandardCharsets.ISO_8859_1));
        heard++;
      } catch (IOException e) {
        connection.end(End.RST); // it has ended already, for the proxy
      }
    }
    if (heard == 0) {
      throw new IllegalStateException("nobody is there to hear it");
    }
  }

  /** Ends what there is and refuses what comes. */
  public void refuse() {
    stopListening();
    drop(End.RST);
  }

  /** Whoever connects from now on hears neither yes nor no; what there is stays. */
  public void dropConnects() {
    stopListening();
    listener = bind(1);
    try {
      for (int i = 0; i < FILLERS; i++) {
        SocketChannel filler = SocketChannel.open();
        filler.configureBlocking(false);
        filler.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        fillers.add(filler);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stopListening() {
    try {
      listener.close();
      Await.end(acceptor); // the kernel goes on accepting until the call has returned
      for (SocketChannel filler : fillers) {
        filler.close();
      }
      fillers.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Is a good link from now on; connections that were harmed stay so. */
  public void heal() {
    replies(NONE);
    latencyMillis(0);
    blackhole(false);
    if (listener.isClosed() || !fillers.isEmpty()) {
      stopListening();
      listener = bind(512);
      accept();
    }
  }

  @Override
  public void close() {
    stopListening();
    blackhole(false);
    drop(End.FIN);
  }

  // ---------------------------------------------------------------- faults

  /** So many bytes at a time, and a pause after each. */
  public static Fault drip(int bytes, long pauseMillis) {
    return (connection, reply) -> {
      for (int at = 0; at < reply.length; at += bytes) {
        connection.say(Arrays.copyOfRange(reply, at, Math.min(reply.length, at + bytes)));
        pause(pauseMillis);
      }
    };
  }

  /** The first bytes of what is said next come by themselves, and a moment later the rest. */
  public static Fault split(int bytes) {
    AtomicInteger left = new AtomicInteger(bytes);
    return (connection, reply) -> {
      int first = Math.min(left.get(), reply.length);
      left.addAndGet(-first);
      connection.say(Arrays.copyOf(reply, first));
      if (first < reply.length) {
        pause(1);
        connection.say(Arrays.copyOfRange(reply, first, reply.length));
      }
    };
  }

  /** The connection ends after so many bytes of what is said from now on. */
  public static Fault cut(int bytes, End end) {
    AtomicInteger left = new AtomicInteger(bytes);
    return (connection, reply) -> {
      int first = Math.min(left.get(), reply.length);
      left.addAndGet(-first);
      connection.say(Arrays.copyOf(reply, first));
      if (left.get() == 0) {
        pause(1); // or the end would overtake the bytes in the receiver's kernel
        connection.end(end);
      }
    };
  }

  /** The next bytes are these instead of what the node says. */
  public static Fault instead(String bytes) {
    AtomicReference<String> once = new AtomicReference<>(bytes);
    return (connection, reply) -> {
      String garbage = once.getAndSet("");
      connection.say(garbage.isEmpty() ? reply : garbage.getBytes(StandardCharsets.ISO_8859_1));
    };
  }

  private static void pause(long millis) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  /** Bytes on their way to the proxy, and when they may arrive. */
  private record Piece(byte[] bytes, long dueNanos) {}

  /** One connection of the proxy, and ours to the node. */
  public final class Connection {
    private static final Piece LAST = new Piece(new byte[0], 0);

    private final Socket proxy;
    private final Socket node;
    private final BlockingQueue<Piece> replies = new LinkedBlockingQueue<>();

    /** What the proxy has said; its beginning. Guarded by the gate, as is what follows. */
    private final StringBuilder said = new StringBuilder();

    private boolean frozen;

    private Connection(Socket proxy) throws IOException {
      this.proxy = proxy;
      proxy.setTcpNoDelay(true);
      try {
        node = new Socket(InetAddress.getLoopbackAddress(), target);
        node.setTcpNoDelay(true);
      } catch (IOException e) {
        proxy.close();
        throw e;
      }
    }

    private void start() {
      daemon("link: requests", this::passRequests);
      daemon("link: replies", this::receiveReplies);
      daemon("link: delay", this::passReplies);
    }

    private void passRequests() {
      byte[] buffer = new byte[PIECE];
      try (InputStream in = proxy.getInputStream()) {
        OutputStream out = node.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          hear(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
          awaitOpen();
          out.write(buffer, 0, read);
        }
        end(End.FIN);
      } catch (IOException e) {
        end(End.RST); // one side has gone: so has the other
      }
    }

    private void receiveReplies() {
      byte[] buffer = new byte[PIECE];
      try (InputStream in = node.getInputStream()) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(latencyMillis);
          replies.add(new Piece(Arrays.copyOf(buffer, read), due));
        }
      } catch (IOException e) {
        end(End.RST);
      } finally {
        replies.add(LAST);
      }
    }

    private void passReplies() {
      try {
        for (Piece piece = replies.take(); !piece.equals(LAST); piece = replies.take()) {
          TimeUnit.NANOSECONDS.sleep(piece.dueNanos() - System.nanoTime());
          awaitOpen();
          fault.onReply(this, piece.bytes());
        }
        end(End.FIN);
      } catch (IOException e) {
        end(End.RST);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void hear(String bytes) {
      synchronized (gate) {
        if (said.length() < PIECE) {
          said.append(bytes);
        }
      }
    }

    private boolean freezeIf(String text) {
      synchronized (gate) {
        frozen |= said.indexOf(text) >= 0;
        return frozen;
      }
    }

    private void awaitOpen() throws IOException {
      synchronized (gate) {
        while (held || frozen) {
          try {
            gate.wait();
          } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
          }
        }
      }
    }

    /** Says bytes to the proxy. */
    public void say(byte[] bytes) throws IOException {
      synchronized (proxy) {
        proxy.getOutputStream().write(bytes);
      }
    }

    private void halfClose() {
      try {
        proxy.shutdownOutput();
      } catch (IOException e) {
        return; // it has ended already
      }
    }

    /** Ends it on both sides. */
    public void end(End how) {
      connections.remove(this);
      synchronized (gate) {
        frozen = false;
        gate.notifyAll();
      }
      try {
        if (how == End.RST) {
          proxy.setSoLinger(true, 0);
        }
      } catch (IOException e) {
        // It has ended already; closing it again harms nothing.
      }
      try {
        proxy.close();
        node.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
