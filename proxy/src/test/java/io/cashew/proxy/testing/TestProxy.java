package io.cashew.proxy.testing;

import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.AdminSettings;
import io.cashew.proxy.config.AuthSettings;
import io.cashew.proxy.config.ClientConnections;
import io.cashew.proxy.config.CommandSettings;
import io.cashew.proxy.config.DeclaredCommand;
import io.cashew.proxy.config.DrainSettings;
import io.cashew.proxy.config.EjectRing;
import io.cashew.proxy.config.EjectSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.config.LogFormat;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodeConnections;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PlacementSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.PoolTls;
import io.cashew.proxy.config.Secret;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.TakeOverSocket;
import io.cashew.proxy.config.TransportKind;
import io.cashew.proxy.config.UserSettings;
import io.cashew.proxy.config.WorkerSettings;
import io.cashew.proxy.control.CertificateState;
import io.cashew.proxy.control.Drain;
import io.cashew.proxy.control.NameLookup;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.loop.EpollStaysRegistered;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.Exposition;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A proxy in this process, with one pool on a free port. */
public final class TestProxy implements AutoCloseable {
  /** The pool's name. */
  public static final String POOL = "test";

  static final int POINTS_PER_NODE = 160;

  private final Proxy proxy;
  private final MetricsRegistry metrics;

  private TestProxy(Proxy proxy, MetricsRegistry metrics) {
    this.proxy = proxy;
    this.metrics = metrics;
  }

  /** What a test changes of the defaults. */
  public static final class Builder {
    private final List<NodeSettings> nodes = new ArrayList<>();
    private long timeoutMillis = 1000;
    private int connectionsPerNode = 1;
    private int workers = 1;
    private boolean eject;
    private String distribution = "ketama";
    private int database;
    private int failureLimit = 3;
    private boolean retryReads;
    private Optional<Secret> password = Optional.empty();
    private final List<UserSettings> users = new ArrayList<>();
    private Optional<NodeAuth> nodeAuth = Optional.empty();
    private LimitSettings limits = LimitSettings.DEFAULT;
    private AdminCommands adminCommands = AdminCommands.REFUSE;
    private ClientConnections clients = ClientConnections.DEFAULT;
    private PoolTls tls = PoolTls.NONE;
    private InsightSettings insight = InsightSettings.DEFAULT;
    private Address listen = new Address.Tcp("127.0.0.1", 0);
    private List<DeclaredCommand> commands = List.of();
    private boolean nio;
    private long memoryLimit = Long.MAX_VALUE;
    private NameLookup names = NameLookup.OF_THIS_MACHINE;
    private long drainDelayMillis;
    private long drainTimeoutMillis = 5000;

    /** Adds a node {@code n0}, {@code n1} … at a port of the loopback address. */
    public Builder node(int port) {
      return node("n" + nodes.size(), port);
    }

    /** Adds a node at a port of the loopback address. */
    public Builder node(String name, int port) {
      return node(name, new Address.Tcp("127.0.0.1", port));
    }

    /** Adds a node. */
    public Builder node(String name, Address address) {
      nodes.add(new NodeSettings(name, address, 1, List.of()));
      return this;
    }

    /** Sets the time-out of the pool; 0 is none. */
    public Builder timeoutMillis(long millis) {
      timeoutMillis = millis;
      return this;
    }

    /** Sets the number of connections. */
    public Builder connectionsPerNode(int connections) {
      connectionsPerNode = connections;
      return this;
    }

    /** Listens on this port of the loopback address; without it, on a free one. */
    public Builder listen(int newPort) {
      listen = new Address.Tcp("127.0.0.1", newPort);
      return this;
    }

    /** Sets the number of workers. */
    public Builder workers(int count) {
      workers = count;
      return this;
    }

    /** Spreads keys in another way than {@code ketama}. */
    public Builder distribution(String name) {
      distribution = name;
      return this;
    }

    /** Ejects failed nodes. */
    public Builder eject() {
      eject = true;
      return this;
    }

    /** Selects a database on the nodes. */
    public Builder database(int number) {
      database = number;
      return this;
    }

    /** Time-outs in a row that open a circuit. */
    public Builder failureLimit(int limit) {
      failureLimit = limit;
      return this;
    }

    /** What clients must send. */
    public Builder password(String secret) {
      password = Optional.of(new Secret(secret));
      return this;
    }

    /** Adds a user with rules as ACL SETUSER takes them. */
    public Builder user(String name, String rules) {
      users.add(new UserSettings(name, rules));
      return this;
    }

    /** What nodes are sent. */
    public Builder nodePassword(String secret) {
      nodeAuth = Optional.of(new NodeAuth(Optional.empty(), new Secret(secret)));
      return this;
    }

    /** Replaces the limits. */
    public Builder limits(LimitSettings newLimits) {
      limits = newLimits;
      return this;
    }

    /** Sends commands that administer a node to every node. */
    public Builder adminCommandsToAllNodes() {
      adminCommands = AdminCommands.ALL_NODES;
      return this;
    }

    /** Sends requests that only read once more when their connection ends. */
    public Builder retryReads() {
      retryReads = true;
      return this;
    }

    /** Listens elsewhere than on a free port. */
    public Builder listen(Address address) {
      listen = address;
      return this;
    }

    /** Treats the connections of clients otherwise. */
    public Builder clients(ClientConnections newSettings) {
      clients = newSettings;
      return this;
    }

    /** Speaks TLS on either side. */
    public Builder tls(PoolTls newTls) {
      tls = newTls;
      return this;
    }

    /** Bytes of buffers above which no new work is taken. */
    public Builder memoryLimit(long bytes) {
      memoryLimit = bytes;
      return this;
    }

    /** How long a drain goes on serving, and how long clients have to leave after that. */
    public Builder drain(long delayMillis, long timeoutMillis) {
      drainDelayMillis = delayMillis;
      drainTimeoutMillis = timeoutMillis;
      return this;
    }

    /** Notes other things of requests. */
    public Builder insight(InsightSettings newSettings) {
      insight = newSettings;
      return this;
    }

    /** Declares commands that Redis itself does not have. */
    public Builder commands(DeclaredCommand... declared) {
      commands = List.of(declared);
      return this;
    }

    /** Runs on NIO even where epoll loads. */
    public Builder nio() {
      nio = true;
      return this;
    }

    /** Finds the addresses of nodes like this. */
    public Builder names(NameLookup lookup) {
      names = lookup;
      return this;
    }

    /** Starts the proxy. */
    public TestProxy start() {
      PoolSettings pool =
          new PoolSettings(
              POOL,
              listen,
              nodes,
              new PlacementSettings(
                  HashFunctions.byName("murmur"),
                  Optional.of(HashTag.of("{}")),
                  Distributions.byName(distribution),
                  POINTS_PER_NODE),
              new NodeConnections(
                  timeoutMillis, connectionsPerNode, false, database, 300, retryReads),
              new HealthSettings(failureLimit, 1000, new EjectSettings(eject, 0.5, EjectRing.KEEP)),
              new AuthSettings(password, users, nodeAuth),
              new CommandSettings(adminCommands, commands),
              clients,
              limits,
              tls,
              insight);
      Settings settings =
          new Settings(
              // the tests want each client on another worker
              new WorkerSettings(workers, 1, TransportKind.AUTO),
              new AdminSettings(Optional.empty(), Optional.empty()),
              memoryLimit,
              new DrainSettings(drainDelayMillis, drainTimeoutMillis),
              true,
              new TakeOverSocket(TakeOverSocket.Place.OFF, ""),
              LogFormat.TEXT,
              List.of(pool));
      Sockets sockets = nio ? nioSockets() : bestSockets();
      MetricsRegistry metrics = new MetricsRegistry(new Build("test", "test", sockets.name()));
      try {
        return new TestProxy(Proxy.start(settings, sockets, metrics, "0.0.0-test", names), metrics);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** As the proxy chooses: epoll where it loads, else NIO. */
  static Sockets bestSockets() {
    return Epoll.isAvailable() ? epollSockets() : nioSockets();
  }

  private static Sockets epollSockets() {
    return new Sockets(
        "epoll",
        new EpollStaysRegistered(),
        EpollSocketChannel::new,
        EpollServerSocketChannel::new,
        EpollDomainSocketChannel::new,
        EpollServerDomainSocketChannel::new,
        DomainSocketAddress::new,
        new Sockets.Adopting(
            EpollServerSocketChannel::new, fd -> new EpollServerDomainSocketChannel(fd, true)));
  }

  private static Sockets nioSockets() {
    return new Sockets(
        "nio",
        NioIoHandler.newFactory(),
        NioSocketChannel::new,
        NioServerSocketChannel::new,
        NioDomainSocketChannel::new,
        NioServerDomainSocketChannel::new,
        UnixDomainSocketAddress::of);
  }

  /** A proxy with these nodes and otherwise the defaults. */
  public static TestProxy of(RealRedis... nodes) {
    Builder builder = new Builder();
    for (RealRedis node : nodes) {
      builder.node(node.port());
    }
    return builder.start();
  }

  /** The port that clients connect to. */
  public int port() {
    return proxy.port(POOL);
  }

  /** What there is to show of it. */
  public ProxyView view() {
    return proxy.view();
  }

  /** The pool's slow requests. */
  public SlowLog slowLog() {
    return proxy.slowLog(POOL);
  }

  /** A new client. */
  public RawClient connect() {
    return new RawClient(port());
  }

  /** How its certificates do. */
  public List<CertificateState> certificates() {
    return proxy.certificates();
  }

  /** The value of a metric whose line begins so, summed over its lines; 0 if there is none. */
  public double metric(String nameAndLabels) {
    return metrics
        .scrape(Exposition.TEXT)
        .lines()
        .filter(line -> line.startsWith(nameAndLabels))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** The value of a metric of one node: {@code node("n0", "circuit_open")}. */
  public long node(String node, String name) {
    return (long) metric("cashew_node_" + name + "{node=\"" + node + "\"");
  }

  /** Requests for one node that failed in one way. */
  public long failures(String node, String kind) {
    return (long) metric("cashew_node_failures_total{kind=\"" + kind + "\",node=\"" + node + "\"");
  }

  /** Requests for one node that failed in any way. */
  public long failures(String node) {
    long sum = 0;
    for (FailureKind kind : FailureKind.values()) {
      sum += failures(node, kind.label());
    }
    return sum;
  }

  /** Waits until a node gets no requests, or gets them again. */
  public void awaitCircuit(String node, boolean open) {
    Await.until(
        () -> "circuit of " + node + (open ? " opens" : " closes"),
        () -> node(node, "circuit_open") == (open ? 1 : 0));
  }

  /** Has its clients leave, and waits for that. */
  public void drain(Drain how) {
    proxy.drain(how);
  }

  /** What a load balancer is told that asks. */
  public boolean readyForClients() {
    return proxy.readyForClients();
  }

  @Override
  public void close() {
    proxy.close();
    metrics.close();
  }
}
