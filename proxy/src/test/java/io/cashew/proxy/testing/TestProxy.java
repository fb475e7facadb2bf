package io.cashew.proxy.testing;

import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.AdminSettings;
import io.cashew.proxy.config.AuthSettings;
import io.cashew.proxy.config.ClientConnections;
import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.config.CommandSettings;
import io.cashew.proxy.config.CrossShardReads;
import io.cashew.proxy.config.DeclaredCommand;
import io.cashew.proxy.config.DrainSettings;
import io.cashew.proxy.config.EjectSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodeConnections;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PlacementSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.PoolTls;
import io.cashew.proxy.config.Secret;
import io.cashew.proxy.config.SentinelSettings;
import io.cashew.proxy.config.Setting;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.TakeOverSocket;
import io.cashew.proxy.config.TracingSettings;
import io.cashew.proxy.config.UserSettings;
import io.cashew.proxy.config.WorkerSettings;
import io.cashew.proxy.control.CertificateState;
import io.cashew.proxy.control.Drain;
import io.cashew.proxy.control.NameLookup;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.control.Sources;
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
import java.util.stream.Stream;

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
    private final List<UserSettings> users = new ArrayList<>();
    private PoolSettings pool =
        PoolSettings.of(POOL, new Address.Tcp("127.0.0.1", 0), List.of())
            .with(PlacementSettings.HASH, HashFunctions.byName("murmur"))
            .with(PlacementSettings.HASH_TAG, Optional.of(HashTag.of("{}")))
            .with(PlacementSettings.POINTS_PER_NODE, POINTS_PER_NODE)
            .with(NodeConnections.RETRY_READS, false);
    private Settings process =
        Settings.of(List.of())
            .with(DrainSettings.DELAY, 0L)
            .with(DrainSettings.TIMEOUT, 5000L)
            .with(WorkerSettings.COUNT, 1)
            // the tests want each client on another worker
            .with(WorkerSettings.CLIENTS_TOGETHER, 1)
            .with(AdminSettings.LISTEN, Optional.empty())
            .with(Settings.MEMORY_LIMIT, Long.MAX_VALUE)
            .with(Settings.TAKE_OVER_SOCKET, new TakeOverSocket(TakeOverSocket.Place.OFF, ""));
    private boolean nio;
    private NameLookup names = NameLookup.OF_THIS_MACHINE;
    private Sources sources = Sources.CONFIGURED;

    /** Sets one setting of the pool. */
    public <T> Builder with(Setting<?, T> setting, T value) {
      pool = pool.with(setting, value);
      return this;
    }

    private <T> Builder process(Setting<?, T> setting, T value) {
      process = process.with(setting, value);
      return this;
    }

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

    /** Adds a node whose primary is at one of these ports of the loopback address. */
    public Builder among(String name, int... ports) {
      List<Address> addresses = new ArrayList<>();
      for (int port : ports) {
        addresses.add(new Address.Tcp("127.0.0.1", port));
      }
      nodes.add(new NodeSettings(name, new NodePlace.Among(addresses), 1, List.of()));
      return this;
    }

    /** Adds a node whose primary is where these Sentinels say. */
    public Builder master(String name, String master, RealRedis... sentinels) {
      nodes.add(new NodeSettings(name, new NodePlace.OfMaster(master), 1, List.of()));
      List<Address> addresses = new ArrayList<>();
      for (RealRedis sentinel : sentinels) {
        addresses.add(new Address.Tcp("127.0.0.1", sentinel.port()));
      }
      return with(SentinelSettings.ADDRESSES, addresses);
    }

    /** Has the servers of a Cluster instead of nodes, of which these are some. */
    public Builder cluster(RealRedis... seeds) {
      return clusterAt(Stream.of(seeds).mapToInt(RealRedis::port).toArray());
    }

    /** The same by their ports at the loopback address. */
    public Builder clusterAt(int... seeds) {
      List<Address> addresses = new ArrayList<>();
      for (int port : seeds) {
        addresses.add(new Address.Tcp("127.0.0.1", port));
      }
      return with(ClusterSettings.SEEDS, addresses);
    }

    /** Sets the time-out of the pool; 0 is none. */
    public Builder timeoutMillis(long millis) {
      return with(NodeConnections.TIMEOUT, millis);
    }

    /** Sets the number of connections. */
    public Builder connectionsPerNode(int connections) {
      return with(NodeConnections.PER_NODE, connections);
    }

    /** Listens on this port of the loopback address; without it, on a free one. */
    public Builder listen(int newPort) {
      return listen(new Address.Tcp("127.0.0.1", newPort));
    }

    /** Sets the number of workers. */
    public Builder workers(int count) {
      return process(WorkerSettings.COUNT, count);
    }

    /** Spreads keys in another way than {@code ketama}. */
    public Builder distribution(String name) {
      return with(PlacementSettings.DISTRIBUTION, Distributions.byName(name));
    }

    /** Ejects failed nodes. */
    public Builder eject() {
      return with(EjectSettings.ENABLED, true);
    }

    /** Selects a database on the nodes. */
    public Builder database(int number) {
      return with(NodeConnections.DATABASE, number);
    }

    /** Time-outs in a row that open a circuit. */
    public Builder failureLimit(int limit) {
      return with(HealthSettings.FAILURE_LIMIT, limit);
    }

    /** What clients must send. */
    public Builder password(String secret) {
      return with(AuthSettings.PASSWORD, Optional.of(new Secret(secret)));
    }

    /** Adds a user with rules as ACL SETUSER takes them. */
    public Builder user(String name, String rules) {
      users.add(new UserSettings(name, rules));
      return with(AuthSettings.USERS, users);
    }

    /** What nodes are sent. */
    public Builder nodePassword(String secret) {
      NodeAuth auth = new NodeAuth(Optional.empty(), new Secret(secret));
      return with(AuthSettings.NODE_AUTH, Optional.of(auth));
    }

    /** Replaces the limits. */
    public Builder limits(LimitSettings newLimits) {
      pool = pool.with(LimitSettings.TABLE, newLimits);
      return this;
    }

    /** Sends commands that administer a node to every node. */
    public Builder adminCommandsToAllNodes() {
      return with(CommandSettings.ADMIN, AdminCommands.ALL_NODES);
    }

    /** Computes reads over keys of several nodes, of at most so many elements. */
    public Builder computesReads(int elements) {
      with(CommandSettings.CROSS_SHARD_READS, CrossShardReads.COMPUTE);
      return with(CommandSettings.CROSS_SHARD_ELEMENTS, elements);
    }

    /** Sends requests that only read once more when their connection ends. */
    public Builder retryReads() {
      return with(NodeConnections.RETRY_READS, true);
    }

    /** Listens elsewhere than on a free port. */
    public Builder listen(Address address) {
      return with(PoolSettings.LISTEN, address);
    }

    /** Treats the connections of clients otherwise. */
    public Builder clients(ClientConnections newSettings) {
      pool = pool.with(ClientConnections.TABLE, newSettings);
      return this;
    }

    /** Speaks TLS on either side. */
    public Builder tls(PoolTls newTls) {
      pool = pool.with(PoolTls.TABLE, newTls);
      return this;
    }

    /** Bytes of buffers above which no new work is taken. */
    public Builder memoryLimit(long bytes) {
      return process(Settings.MEMORY_LIMIT, bytes);
    }

    /** How long a drain goes on serving, and how long clients have to leave after that. */
    public Builder drain(long delayMillis, long timeoutMillis) {
      return process(DrainSettings.DELAY, delayMillis)
          .process(DrainSettings.TIMEOUT, timeoutMillis);
    }

    /** Notes other things of requests. */
    public Builder insight(InsightSettings newSettings) {
      pool = pool.with(InsightSettings.TABLE, newSettings);
      return this;
    }

    /** Declares commands that Redis itself does not have. */
    public Builder commands(DeclaredCommand... declared) {
      return with(CommandSettings.DECLARED, List.of(declared));
    }

    /** Has spans made of requests. */
    public <T> Builder tracing(Setting<TracingSettings, T> setting, T value) {
      return process(setting, value);
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

    /** Finds the shards like this. */
    public Builder sources(Sources newSources) {
      sources = newSources;
      return this;
    }

    /** Starts the proxy. */
    public TestProxy start() {
      PoolSettings whole = pool.with(PoolSettings.NODES, nodes);
      Settings settings = process.with(Settings.POOLS, List.of(whole));
      Sockets sockets = nio ? nioSockets() : bestSockets();
      MetricsRegistry metrics = new MetricsRegistry(new Build("test", "test", sockets.name()));
      try {
        return new TestProxy(
            Proxy.start(settings, sockets, metrics, "0.0.0-test", names, sources), metrics);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** As the proxy chooses: epoll where it loads, else NIO. */
  public static Sockets bestSockets() {
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

  /** What a pool keeps. */
  public List<NearCache> caches(String pool) {
    return proxy.caches(pool);
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
