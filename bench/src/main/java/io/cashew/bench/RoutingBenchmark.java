package io.cashew.bench;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Redirects;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.RequestHome;
import io.cashew.proxy.route.RequestKeys;
import io.cashew.proxy.route.RequestOrder;
import io.cashew.proxy.route.Route;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.route.gather.ManyNodes;
import io.cashew.proxy.topology.RingPlacement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a request costs from its frame to its reply without a kernel: finding its nodes, splitting
 * it, batching, finding the ends of the replies and merging them. The nodes are in memory, on the
 * same event loop; what they do themselves, decoding a request and writing an answer, is included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Dio.netty.buffer.checkBounds=false",
      "-Dio.netty.buffer.checkAccessible=false"
    })
public class RoutingBenchmark {
  private static final int NODES = 3;

  /** Requests that are sent before the loop looks for replies: 50 clients with 16 each. */
  private static final int IN_FLIGHT = 800;

  private static final int ROUNDS = 8;

  /** What is asked for, and how many keys a request has. */
  @SuppressWarnings("NullAway.Init") // JMH sets it.
  @Param({"GET 1", "SET 1", "MGET 10", "MSET 10", "DEL 10", "MGET 100", "MSET 100"})
  public String request;

  private final WorkerGroup group =
      new WorkerGroup(
          1, 1, LocalIoHandler.newFactory(), PooledByteBufAllocator.DEFAULT, Long.MAX_VALUE);
  private final Worker worker = group.workers().get(0);
  private final RequestFrame frame = new RequestFrame();

  @SuppressWarnings("NullAway.Init") // set by setUp
  private Command command;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private Router router;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private ManyNodes nodes;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private Lane lane;

  private final List<Receiver> receivers = new ArrayList<>();
  private int unanswered;
  private int roundsLeft;

  @SuppressWarnings("NullAway.Init") // set by each invocation
  private CompletableFuture<@Nullable Void> done;

  /** Starts the nodes, and tells the loop what to ask for. */
  @Setup
  public void setUp() throws Exception {
    List<Backend> backends = new ArrayList<>();
    List<Member> members = new ArrayList<>();
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      backends.add(backend(i));
      String address = "10.0.0." + i + ":6379";
      members.add(new Member(i, address, 1, List.of()));
      shards.add(Shard.of(address, 1, new ServerId(address, i)));
    }
    KeyMapper mapper =
        new KeyMapper(
            HashFunctions.byName("fnv1a_64"),
            Optional.empty(),
            Distributions.byName("ketama").create(members, DistributionOptions.DEFAULT),
            NODES);
    Topology topology =
        Topology.of(
            shards, new RingPlacement(ejected -> mapper, Optional.empty()), Traits.ofStores(1));
    Map<ServerId, Backend> byId = new LinkedHashMap<>();
    for (int i = 0; i < NODES; i++) {
      byId.put(shards.get(i).primary(), backends.get(i));
    }
    Servers servers = new Servers(worker, byId);
    router = new Router(worker, new PoolRecorder(), servers, topology);
    nodes = new ManyNodes(worker, router, new PoolRecorder(), Long.MAX_VALUE);
    lane = router.lane(1, false, 0);
    Redirects redirects = new Redirects(worker, new NothingAgain());
    for (int i = 0; i < IN_FLIGHT; i++) {
      receivers.add(new Receiver(redirects));
    }
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer();
    bytes.writeCharSequence(text(request), StandardCharsets.US_ASCII);
    new RequestDecoder(RespLimits.DEFAULT).decode(bytes, 0, bytes.writerIndex(), frame);
    command = Objects.requireNonNull(CommandTable.standard().find(frame));
  }

  private static String text(String request) {
    String name = request.split(" ", 2)[0];
    int keys = Integer.parseInt(request.split(" ", 2)[1]);
    boolean values = name.endsWith("SET");
    StringBuilder text = new StringBuilder();
    text.append('*').append(1 + keys * (values ? 2 : 1)).append("\r\n");
    text.append('$').append(name.length()).append("\r\n").append(name).append("\r\n");
    for (int i = 0; i < keys; i++) {
      text.append(String.format("$16\r\nkey:%012d\r\n", i * 7919));
      text.append(values ? "$3\r\nxxx\r\n" : "");
    }
    return text.toString();
  }

  private Backend backend(int index) throws InterruptedException {
    LocalAddress address = new LocalAddress("node " + index);
    ServerBootstrap server = new ServerBootstrap().group(worker.eventLoop());
    server.channel(LocalServerChannel.class);
    server.childHandler(
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new NodeInMemory());
          }
        });
    server.bind(address).sync();
    NodeAddress known =
        new NodeAddress() {
          @Override
          public String text() {
            return address.id();
          }

          @Override
          public LocalAddress current() {
            return address;
          }

          @Override
          public void refresh() {}
        };
    Node node = new Node("bench", "n" + index, known, 1, (failed, cause) -> {});
    Sockets inMemory =
        new Sockets(
            "memory",
            LocalIoHandler.newFactory(),
            LocalChannel::new,
            LocalServerChannel::new,
            LocalChannel::new,
            LocalServerChannel::new,
            LocalAddress::new);
    BackendSettings settings =
        new BackendSettings(0, 1, 16 << 20, 512L << 20, List.of(), new Keepalive(0), false, 1, 1);
    return new Backend(
        worker, node, settings, new NodeRecorder(), inMemory, Descriptors.unlimited());
  }

  /** Ends the loop. */
  @TearDown
  public void tearDown() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    frame.buf().release();
  }

  /** From the frame to the reply, and the request's share of the loop's iterations. */
  @Benchmark
  @OperationsPerInvocation(IN_FLIGHT * ROUNDS)
  public @Nullable Void route() throws Exception {
    done = new CompletableFuture<>();
    roundsLeft = ROUNDS;
    worker.eventLoop().execute(this::sendAll);
    return done.get(10, TimeUnit.SECONDS);
  }

  private void sendAll() {
    roundsLeft--;
    unanswered = IN_FLIGHT;
    for (int i = 0; i < IN_FLIGHT; i++) {
      Route route =
          command.kind() == Kind.SPLIT
              ? nodes.split(frame, command, receivers.get(i), lane)
              : router.forward(frame, command, receivers.get(i), lane);
      if (route.isRefused()) {
        done.completeExceptionally(new IllegalStateException("refused"));
      }
    }
  }

  private void answered() {
    if (--unanswered == 0) {
      if (roundsLeft > 0) {
        worker.eventLoop().execute(this::sendAll);
      } else {
        done.complete(null);
      }
    }
  }

  /** Takes the place of a client. */
  private final class Receiver extends Exchange {
    Receiver(Redirects redirects) {
      super(redirects);
    }

    @Override
    protected void answered(ByteBuf buf, int index, int length, boolean last) {
      if (buf.getByte(index) == '-') {
        done.completeExceptionally(new IllegalStateException("an error"));
      }
      if (last) {
        RoutingBenchmark.this.answered();
      }
    }

    @Override
    protected void failed(NodeFailure failure) {
      done.completeExceptionally(new IllegalStateException(failure.text()));
    }

    @Override
    protected Lane lane() {
      return lane;
    }

    @Override
    protected @Nullable Exchange next() {
      return null;
    }

    @Override
    protected RequestOrder order() {
      throw new IllegalStateException("a request is sent again");
    }

    @Override
    protected void waits() {}

    @Override
    public void onStallTimeout() {}

    @Override
    public void watchedBy(ReplyWatch watch) {
      throw new IllegalStateException("nothing is kept of replies");
    }
  }

  /** The nodes answer everything: nothing is sent again. */
  private static final class NothingAgain implements RequestHome {
    @Override
    public Backend backendOf(ByteBuf request, Lane lane) {
      throw new IllegalStateException("a request is sent again");
    }

    @Override
    public boolean keysOf(ByteBuf request, Lane lane, RequestKeys into) {
      return false;
    }

    @Override
    public boolean slotsMoveAt(Node server) {
      return false;
    }

    @Override
    public @Nullable Backend at(Node teller, Redirection where) {
      return null;
    }

    @Override
    public void slotMoves(Node teller, int slot) {}

    @Override
    public void sentAgain() {}
  }

  /** Answers MGET with values, DEL with a number, GET with a value, all else with OK. */
  private static final class NodeInMemory extends ChannelInboundHandlerAdapter {
    private final RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    private final RequestFrame frame = new RequestFrame();
    private final byte[] value = Replies.bytes("$3\r\nxxx\r\n");
    private final byte[] ok = Replies.bytes("+OK\r\n");
    private @Nullable ByteBuf rest;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      ByteBuf before = rest;
      if (before != null) {
        rest = null;
        in = before.writeBytes(in);
        ((ByteBuf) message).release();
      }
      ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(64 << 10);
      int at = in.readerIndex();
      while (decoder.decode(in, at, in.writerIndex(), frame)) {
        answer(in, out);
        at = frame.next();
        if (at == in.writerIndex()) {
          break;
        }
      }
      if (at < in.writerIndex()) {
        decoder.reset();
        rest =
            PooledByteBufAllocator.DEFAULT
                .directBuffer(256 << 10)
                .writeBytes(in, at, in.writerIndex() - at);
      }
      in.release();
      ctx.writeAndFlush(out, ctx.voidPromise());
    }

    private void answer(ByteBuf in, ByteBuf out) {
      int keys = frame.argc() - 1;
      boolean many = frame.length(0) == 4; // MGET and MSET, without their M
      switch (in.getByte(frame.offset(0) + (many ? 1 : 0))) {
        case 'D' -> Replies.writeInteger(out, keys);
        case 'G' -> {
          if (many) {
            Replies.writeArrayHeader(out, keys);
          }
          for (int i = 0; i < keys; i++) {
            out.writeBytes(value);
          }
        }
        default -> out.writeBytes(ok);
      }
    }
  }
}
