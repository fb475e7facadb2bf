package io.cashew.proxy.testing;

import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.BadRuleException;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.ClientDirectory;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.FailedLogins;
import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.client.RequestLimits;
import io.cashew.proxy.client.pool.Admission;
import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.client.pool.ListenerSettings;
import io.cashew.proxy.client.pubsub.SubscriptionCounts;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.TraceCounts;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.tracing.TracedPool;
import io.cashew.proxy.tracing.Tracing;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The clients of a pool on a {@link VirtualWorker}, in front of servers in memory. */
public final class VirtualPool {
  /** What clients may leave unsent before nothing more is read from them. */
  private static final int UNSENT_BYTES = 1 << 20;

  private static final RespLimits LIMITS = RespLimits.DEFAULT;

  private final VirtualWorker worker;
  private final List<InMemoryServer> servers;
  private Topology topology;
  private long incarnations = 100;
  private final List<Backend> backends = new ArrayList<>();
  private final Servers sides;
  private final Router router;
  private final ClientPool clients;
  private final PoolRecorder recorder = new PoolRecorder();
  private final LocalAddress address;
  private boolean followsFailovers;
  private boolean retriesReads;

  /** A pool over a backend of each server; a key's server is that of its checksum modulo. */
  public VirtualPool(VirtualWorker worker, InMemoryServer... servers) {
    this(
        worker,
        Topologies.modula(Stream.of(servers).map(InMemoryServer::name).toList()),
        VirtualWorker.SETTINGS,
        servers);
  }

  /** A pool over servers of a Cluster. */
  public static VirtualPool ofSlots(
      VirtualWorker worker, long timeoutMillis, InMemoryServer... servers) {
    return new VirtualPool(
        worker,
        Topologies.slots(
            Stream.of(servers).map(InMemoryServer::name).toList(),
            Stream.of(servers).map(InMemoryServer::text).toList()),
        VirtualWorker.settings(timeoutMillis),
        servers);
  }

  private VirtualPool(
      VirtualWorker worker, Topology first, BackendSettings each, InMemoryServer... servers) {
    this.worker = worker;
    this.servers = new ArrayList<>(List.of(servers));
    for (InMemoryServer server : servers) {
      backends.add(worker.backend(server, each));
    }
    topology = first;
    Map<ServerId, Backend> byId = new LinkedHashMap<>();
    for (int i = 0; i < servers.length; i++) {
      byId.put(topology.shards().get(i).primary(), backends.get(i));
    }
    sides = new Servers(worker.worker(), byId);
    router = new Router(worker.worker(), recorder, sides, topology);
    clients =
        new ClientPool(
            worker.worker(),
            settings(),
            CommandTable.standard(),
            everybody(),
            new AclLog(),
            new FailedLogins("test", 1000),
            new Facts(),
            router,
            new SubscriptionCounts(1),
            recorder,
            new ClientDirectory(),
            new PoolInsight(
                Long.MAX_VALUE,
                new SlowLog("test", 10, true),
                true,
                0,
                Long.MAX_VALUE,
                null,
                new TracedPool("test", TracedPool.REDIS),
                new Tracing(new TraceCounts())));
    worker.listen(clients);
    Admission admission =
        new Admission(
            List.of(clients),
            new ListenerSettings(0, 0, new Keepalive(0)),
            Descriptors.unlimited(),
            null);
    address = listen(admission);
  }

  private ClientSettings settings() {
    return new ClientSettings(
        "test",
        LIMITS,
        1024,
        UNSENT_BYTES,
        4L * UNSENT_BYTES,
        false,
        1 << 20,
        UNSENT_BYTES,
        500,
        retriesReads,
        followsFailovers,
        followsFailovers,
        0,
        0,
        RequestLimits.NONE,
        CacheRules.NONE,
        null,
        null);
  }

  private static Users everybody() {
    try {
      return Users.of(Map.of(), null, CommandTable.standard());
    } catch (BadRuleException e) {
      throw new IllegalStateException(e);
    }
  }

  private LocalAddress listen(Admission admission) {
    Channel bound =
        new ServerBootstrap()
            .group(worker.worker().eventLoop())
            .channel(LocalServerChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    admission.take(channel);
                  }
                })
            .bind(new LocalAddress(VirtualPool.class))
            .syncUninterruptibly()
            .channel();
    return (LocalAddress) bound.localAddress();
  }

  /** Has requests wait so long for another server to take the place of theirs. */
  public void failoverWait(long millis) {
    followsFailovers = true;
    worker.run(
        () -> {
          backends.forEach(backend -> backend.node().failoverWaitMillis(millis));
          clients.install(settings());
        });
  }

  /** Has what only reads be sent once more if its connection ends. */
  public void retryReads() {
    retriesReads = true;
    worker.run(() -> clients.install(settings()));
  }

  /** Has another server take the place of one, under its name. */
  public void failOver(InMemoryServer from, InMemoryServer to) {
    int index = servers.indexOf(from);
    Backend before = backends.get(index);
    Node node = new Node("test", to.name(), to.address(), 3, (failed, cause) -> {});
    node.failoverWaitMillis(before.node().failoverWaitMillis());
    Backend after = worker.unheard(node);
    List<ServerId> primaries =
        new ArrayList<>(topology.shards().stream().map(Shard::primary).toList());
    ServerId id = new ServerId(to.text(), ++incarnations);
    primaries.set(index, id);
    topology = topology.withPrimaries(primaries);
    backends.set(index, after);
    servers.set(index, to);
    worker.run(() -> sides.prepare(Map.of(id, after)));
    worker.run(
        () -> {
          router.install(topology);
          before.beginRetirement();
          clients.nodesChanged();
          before.retire();
        });
  }

  /** Has a slot belong to another of the servers. */
  public void slotMoves(int slot, InMemoryServer to) {
    install(Topologies.withSlot(topology, slot, servers.indexOf(to)));
  }

  /** Has all slots of one of the servers belong to another. */
  public void slotsMove(InMemoryServer from, InMemoryServer to) {
    install(Topologies.withSlotsOf(topology, servers.indexOf(from), servers.indexOf(to)));
  }

  private void install(Topology next) {
    topology = next;
    worker.run(
        () -> {
          router.install(topology);
          clients.nodesChanged();
        });
  }

  /** The slot of a key. */
  public int slotOf(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
    return topology.placement().groupOf(bytes, 0, bytes.length);
  }

  /** A key of a server. */
  public String keyOf(InMemoryServer server) {
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "k" + i)
        .filter(
            key ->
                servers.get(topology.shardFor(key.getBytes(StandardCharsets.US_ASCII))) == server)
        .findFirst()
        .orElseThrow();
  }

  /** The worker's side of each server, in their order. */
  public List<Backend> backends() {
    return backends;
  }

  /** The same by their ids. */
  public Servers servers() {
    return sides;
  }

  /** What it routes by at first: each server is the primary of the shard of its name. */
  public Topology topology() {
    return topology;
  }

  /** Routes for the clients. */
  public Router router() {
    return router;
  }

  /** The clients themselves. */
  public ClientPool clients() {
    return clients;
  }

  /** What is counted of the pool. */
  public PoolRecorder recorder() {
    return recorder;
  }

  /** A client that has just connected. */
  public Client connect() {
    Client client = new Client();
    client.channel =
        new Bootstrap()
            .group(worker.worker().eventLoop())
            .channel(LocalChannel.class)
            .handler(client)
            .connect(address)
            .syncUninterruptibly()
            .channel();
    worker.settle();
    return client;
  }

  /** A client, as far as it can be seen from outside. */
  public final class Client extends ChannelInboundHandlerAdapter {
    private final StringBuilder received = new StringBuilder();
    private @Nullable Channel channel;
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      received.append(in.toString(StandardCharsets.ISO_8859_1));
      in.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended = true;
    }

    /** Sends requests, of words with a blank between them, at once. */
    public void send(String... requests) {
      StringBuilder bytes = new StringBuilder();
      for (String request : requests) {
        String[] words = request.split(" ", -1);
        bytes.append('*').append(words.length).append("\r\n");
        for (String word : words) {
          bytes.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
      }
      sendBytes(bytes.toString());
    }

    /** Sends these characters, a byte each, whatever they are. */
    public void sendBytes(String bytes) {
      channel().writeAndFlush(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
      worker.settle();
    }

    /** What has come since this was asked last, with a blank for each end of a line. */
    public String received() {
      return worker.on(
          () -> {
            String text = received.toString().replace("\r\n", " ").strip();
            received.setLength(0);
            return text;
          });
    }

    /** Whether the proxy has ended the connection. */
    public boolean ended() {
      return worker.on(() -> ended);
    }

    /** Leaves. */
    public void leave() {
      channel().close().syncUninterruptibly();
      worker.settle();
    }

    private Channel channel() {
      Channel open = channel;
      if (open == null) {
        throw new IllegalStateException("not connected");
      }
      return open;
    }
  }

  private static final class Facts implements ProxyFacts {
    @Override
    public String version() {
      return "0.0.0-test";
    }

    @Override
    public long uptimeSeconds() {
      return 1;
    }

    @Override
    public String transport() {
      return "memory";
    }

    @Override
    public int port(String pool) {
      return 0;
    }

    @Override
    public long clients() {
      return 0;
    }

    @Override
    public long clientsAccepted() {
      return 0;
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public long memoryLimitBytes() {
      return Long.MAX_VALUE;
    }

    @Override
    public long requests() {
      return 0;
    }
  }
}
