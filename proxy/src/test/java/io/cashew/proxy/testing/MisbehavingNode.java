package io.cashew.proxy.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A node that does to its clients what the test says. By itself it is a small, honest server that
 * knows {@code GET SET MGET MSET DEL} and answers all else with {@code +OK}; it notes every request
 * and every connection, but for the proxy's question what it is, which it refuses. One thread a
 * connection. Characters are bytes (ISO 8859-1).
 */
public final class MisbehavingNode implements AutoCloseable {

  /** What it does with a request. */
  @FunctionalInterface
  public interface Behaviour {
    /** Answers, or does not. */
    void onRequest(Connection connection, List<String> request) throws IOException;
  }

  /** What it does with a connection before the first request. */
  @FunctionalInterface
  public interface Greeting {
    /** Says something, or closes. */
    void onConnect(Connection connection) throws IOException;
  }

  /** Reads requests and says nothing. */
  public static final Behaviour SILENT = (connection, request) -> {};

  private static final Greeting NONE = connection -> {};

  private final AtomicInteger connects = new AtomicInteger();
  private final List<List<String>> requests = new CopyOnWriteArrayList<>();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final Map<String, String> values = new ConcurrentHashMap<>();
  private volatile Behaviour behaviour = this::honestly;
  private volatile Greeting greeting = NONE;
  private volatile boolean reading = true;
  private SocketAddress address;
  private ServerSocketChannel listener;
  private Thread acceptor = new Thread();

  private MisbehavingNode(SocketAddress address) {
    this.address = address;
    listener = listen();
    this.address = localAddress();
  }

  /** A node on a free port of the loopback address. */
  public static MisbehavingNode start() {
    return new MisbehavingNode(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** A node on a unix socket. */
  public static MisbehavingNode start(Path socket) {
    return new MisbehavingNode(UnixDomainSocketAddress.of(socket));
  }

  private SocketAddress localAddress() {
    try {
      return listener.getLocalAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ServerSocketChannel listen() {
    try {
      ServerSocketChannel channel;
      if (address instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
        channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      } else {
        channel = ServerSocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
      channel.bind(address, 512);
      acceptor = new Thread(() -> accept(channel), "misbehaving node");
      acceptor.setDaemon(true);
      acceptor.start();
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + address, e);
    }
  }

  private void accept(ServerSocketChannel channel) {
    try {
      while (true) {
        Connection connection = new Connection(channel.accept());
        connections.add(connection);
        connects.incrementAndGet();
        Thread thread = new Thread(connection::serve, "misbehaving connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      return; // stopped
    }
  }

  /** Does this with requests from now on. */
  public MisbehavingNode behave(Behaviour next) {
    behaviour = next;
    return this;
  }

  /** Does this with connections from now on. */
  public MisbehavingNode greet(Greeting next) {
    greeting = next;
    return this;
  }

  /** Reads no more from connections that are accepted from now on, or goes on reading. */
  public MisbehavingNode reading(boolean reads) {
    reading = reads;
    return this;
  }

  /** Is an honest server from now on. */
  public MisbehavingNode recover() {
    greeting = NONE;
    reading = true;
    return behave(this::honestly);
  }

  /** Answers as a small server would. */
  public void honestly(Connection connection, List<String> request) throws IOException {
    connection.reply(honestReply(request));
  }

  /** What a small server would answer. */
  public String honestReply(List<String> request) {
    return switch (request.get(0).toUpperCase(java.util.Locale.ROOT)) {
      case "GET" -> bulk(values.get(request.get(1)));
      case "SET", "MSET" -> {
        for (int i = 1; i < request.size(); i += 2) {
          values.put(request.get(i), request.get(i + 1));
        }
        yield "+OK\r\n";
      }
      case "MGET" -> {
        StringBuilder array = new StringBuilder("*" + (request.size() - 1) + "\r\n");
        request.subList(1, request.size()).forEach(key -> array.append(bulk(values.get(key))));
        yield array.toString();
      }
      case "DEL" ->
          ":" + request.stream().skip(1).filter(key -> values.remove(key) != null).count() + "\r\n";
      case "PING" -> "+PONG\r\n";
      default -> "+OK\r\n";
    };
  }

  /** The bulk string of a value. */
  public static String bulk(@Nullable String value) {
    return value == null ? "$-1\r\n" : "$" + value.length() + "\r\n" + value + "\r\n";
  }

  /** The port it listens on, at 127.0.0.1. */
  public int port() {
    return ((InetSocketAddress) address).getPort();
  }

  /** Connections accepted so far. */
  public int connects() {
    return connects.get();
  }

  /** Connections that are open. */
  public int connections() {
    return connections.size();
  }

  /** Every request so far, PINGs of the proxy included. */
  public List<List<String>> requests() {
    return List.copyOf(requests);
  }

  /** How many requests of a command there were. */
  public long count(String command) {
    return requests.stream().filter(request -> request.get(0).equalsIgnoreCase(command)).count();
  }

  /** Gives a key a value. */
  public void put(String key, String value) {
    values.put(key, value);
  }

  /** What a key holds. */
  public @Nullable String value(String key) {
    return values.get(key);
  }

  /** Says this on every connection, asked or not. */
  public void sayToAll(String reply) {
    for (Connection connection : connections) {
      try {
        connection.reply(reply);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Closes every connection, and goes on listening. */
  public void dropConnections() {
    connections.forEach(Connection::close);
  }

  /** Closes every connection and refuses new ones. */
  public void stop() {
    try {
      listener.close();
      Await.end(acceptor); // the kernel goes on accepting until the call has returned
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    dropConnections();
  }

  /** Listens again, where it did before. */
  public void restart() {
    listener = listen();
  }

  @Override
  public void close() {
    stop();
  }

  private static boolean isInquiry(List<String> request) {
    return request.equals(List.of("INFO", "server"))
        || request.equals(List.of("MODULE", "LIST"))
        || request.equals(List.of("COMMAND", "LIST"));
  }

  /** One connection of a client to this node. */
  public final class Connection {
    private final SocketChannel channel;
    private final List<List<String>> noted = new ArrayList<>();

    private Connection(SocketChannel channel) {
      this.channel = channel;
    }

    private void serve() {
      try {
        if (address instanceof InetSocketAddress) {
          channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        greeting.onConnect(this);
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
        while (reading) {
          @SuppressWarnings("unchecked") // a request is an array of bulk strings
          List<String> request = (List<String>) RawClient.readFrom(in);
          if (request != null && isInquiry(request)) {
            // What the proxy asks of every server by itself is not what tests are about.
            if (connections.remove(this)) {
              connects.decrementAndGet();
              requests.removeIf(each -> noted.stream().anyMatch(mine -> mine == each));
            }
            reply("-ERR unknown command\r\n");
          } else if (request != null) {
            requests.add(request);
            noted.add(request);
            behaviour.onRequest(this, request);
          }
        }
      } catch (IOException e) {
        close(); // the client has left, or the test has closed it
      }
    }

    /** Sends bytes. */
    public void reply(String bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1));
      synchronized (channel) {
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }

    /** Sends bytes, each in a packet of its own. */
    public void replyByteByByte(String bytes) throws IOException {
      for (int i = 0; i < bytes.length(); i++) {
        reply(bytes.substring(i, i + 1));
      }
    }

    /** Ends the connection in an orderly way. */
    public void close() {
      connections.remove(this);
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Ends the connection as a crash would: with a reset. */
    public void reset() throws IOException {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      close();
    }
  }
}
