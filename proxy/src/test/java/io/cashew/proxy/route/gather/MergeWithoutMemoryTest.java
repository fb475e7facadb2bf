package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.LoneExchange;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A merged reply for which there is no memory, over nodes in memory: whoever asked gets an error,
 * and the connections to the nodes go on.
 */
@ExtendWith(LeakCheck.class)
final class MergeWithoutMemoryTest {
  private static final int NODES = 2;

  private final ScarceAllocator allocator = new ScarceAllocator();
  private final WorkerGroup group =
      new WorkerGroup(1, 1, LocalIoHandler.newFactory(), allocator, Long.MAX_VALUE);
  private final Worker worker = group.workers().get(0);
  private final List<NodeRecorder> recorders = new ArrayList<>();
  private String value = "";
  private boolean scarceWhenAnswered;
  private Router router;
  private ManyNodes nodes;

  @BeforeEach
  void start() throws Exception {
    Topology topology = Topologies.modula("n0", "n1");
    Map<ServerId, Backend> backends = new HashMap<>();
    for (int i = 0; i < NODES; i++) {
      backends.put(topology.shards().get(i).primary(), backend(i));
    }
    Servers servers = new Servers(worker, backends);
    router = new Router(worker, new PoolRecorder(), servers, topology);
    nodes = new ManyNodes(worker, router, new PoolRecorder(), Long.MAX_VALUE);
  }

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Backend backend(int index) throws InterruptedException {
    LocalAddress address = new LocalAddress(MergeWithoutMemoryTest.class);
    Channel server =
        new ServerBootstrap()
            .group(worker.eventLoop())
            .channel(LocalServerChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new NodeInMemory());
                  }
                })
            .bind(address)
            .sync()
            .channel();
    NodeAddress known =
        new NodeAddress() {
          @Override
          public String text() {
            return "memory";
          }

          @Override
          public LocalAddress current() {
            return (LocalAddress) server.localAddress();
          }

          @Override
          public void refresh() {}
        };
    Sockets inMemory =
        new Sockets(
            "memory",
            LocalIoHandler.newFactory(),
            LocalChannel::new,
            LocalServerChannel::new,
            LocalChannel::new,
            LocalServerChannel::new,
            LocalAddress::new);
    NodeRecorder recorder = new NodeRecorder();
    recorders.add(recorder);
    return new Backend(
        worker,
        new Node("test", "n" + index, known, 1, (failed, cause) -> {}),
        new BackendSettings(0, 1, 16 << 20, 512L << 20, List.of(), new Keepalive(0), false, 1, 1),
        recorder,
        inMemory,
        Descriptors.unlimited());
  }

  /** Asks for twenty keys, which are on both nodes; gives the length of the reply, or an error. */
  private String ask() throws Exception {
    StringBuilder text = new StringBuilder("*21\r\n$4\r\nMGET\r\n");
    for (int i = 10; i < 30; i++) {
      text.append("$2\r\n").append(i).append("\r\n");
    }
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    CompletableFuture<String> answer = new CompletableFuture<>();
    worker
        .eventLoop()
        .execute(
            () -> {
              RequestFrame frame = new RequestFrame();
              new RequestDecoder(RespLimits.DEFAULT).decode(bytes, 0, bytes.writerIndex(), frame);
              nodes.split(
                  frame,
                  Objects.requireNonNull(CommandTable.standard().find(frame)),
                  new Receiver(answer),
                  router.lane(1, false, 0));
            });
    return answer.get(10, TimeUnit.SECONDS);
  }

  @Test
  void isAnErrorAndLosesNothingElse() throws Exception {
    value = "v".repeat(2000);
    String whole = "*20\r\n".length() + 20 * "$2000\r\n\r\n".length() + 20 * 2000 + " bytes";
    assertEquals(whole, ask());
    scarceWhenAnswered = true;
    assertEquals("-ERR the proxy is short of memory: the reply could not be held\r\n", ask());
    scarceWhenAnswered = false;
    allocator.scarce = false;
    assertEquals(whole, ask());
    for (NodeRecorder recorder : recorders) {
      assertEquals(1, recorder.connects);
    }
  }

  /** Fails to give buffers outside the heap while it is told to. */
  private static final class ScarceAllocator extends PooledByteBufAllocator {
    private static final long serialVersionUID = 1;
    volatile boolean scarce;

    ScarceAllocator() {
      super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      if (scarce) {
        throw new OutOfMemoryError("as asked for");
      }
      return super.newDirectBuffer(initialCapacity, maxCapacity);
    }
  }

  private final class Receiver extends LoneExchange {
    private final CompletableFuture<String> answer;
    private int bytes;

    Receiver(CompletableFuture<String> answer) {
      super(worker, router.lane(1, false, 0));
      this.answer = answer;
    }

    @Override
    protected void answered(ByteBuf buf, int index, int length, boolean last) {
      bytes += length;
      if (last) {
        answer.complete(bytes + " bytes");
      }
    }

    @Override
    protected void failed(NodeFailure failure) {
      answer.complete(new String(failure.error(), StandardCharsets.US_ASCII));
    }
  }

  /** Answers each request with as many values as it has keys. */
  private final class NodeInMemory extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      String request = ((ByteBuf) message).toString(StandardCharsets.US_ASCII);
      ReferenceCountUtil.release(message);
      int keys = Integer.parseInt(request.substring(1, request.indexOf('\r'))) - 1;
      String reply =
          "*" + keys + "\r\n" + ("$" + value.length() + "\r\n" + value + "\r\n").repeat(keys);
      allocator.scarce = scarceWhenAnswered;
      ctx.writeAndFlush(Unpooled.copiedBuffer(reply, StandardCharsets.US_ASCII));
    }
  }
}
