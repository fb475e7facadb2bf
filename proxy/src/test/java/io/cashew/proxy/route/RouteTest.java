package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.gather.ManyNodes;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a router says of a request that it was given. */
final class RouteTest {
  private static final String CROSS_SLOT =
      "-CROSSSLOT Keys in request don't hash to the same node\r\n";

  /** So little may wait for a node that one request is too much. */
  private static final BackendSettings NARROW =
      new BackendSettings(0, 1, 8, 512L << 20, List.of(), new Keepalive(0), false, 16, 16);

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer first = new InMemoryServer(worker, "alpha");
  private final InMemoryServer second = new InMemoryServer(worker, "beta");
  private final Backend alpha = worker.backend(first);
  private final Backend beta = worker.backend(second, NARROW);
  private final Router router =
      new Router(
          worker.worker(),
          new PoolRecorder(),
          new Servers(
              worker.worker(),
              Map.of(new ServerId("alpha", 0), alpha, new ServerId("beta", 1), beta)),
          Topologies.modula("alpha", "beta"));
  private final ManyNodes nodes =
      new ManyNodes(worker.worker(), router, new PoolRecorder(), Long.MAX_VALUE);
  private final Lane lane = alpha.lane(1, false, 0);
  private final String a = keyOf(0);
  private final String b = keyOf(1);

  @AfterEach
  void stop() {
    worker.close();
  }

  private static String keyOf(int shard) {
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "k" + i)
        .filter(
            key ->
                Topologies.modula("alpha", "beta").shardFor(key.getBytes(StandardCharsets.US_ASCII))
                    == shard)
        .findFirst()
        .orElseThrow();
  }

  /** Notes what comes of it. */
  private class Noted extends Exchange {
    private final List<String> nodes = new ArrayList<>();

    Noted() {
      super(
          new Redirects(
              worker.worker(),
              new RequestHome() {
                @Override
                public Backend backendOf(ByteBuf request, Lane lane) {
                  return alpha;
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
                public void slotMoves(Node teller, int slot) {}

                @Override
                public @Nullable Backend at(Node teller, Redirection where) {
                  return null;
                }

                @Override
                public void sentAgain() {}
              }));
    }

    @Override
    public void watchedBy(ReplyWatch watch) {}

    @Override
    protected void answered(ByteBuf buf, int index, int length, boolean last) {}

    @Override
    protected void failed(NodeFailure failure) {
      nodes.add(String.valueOf(node()));
    }

    @Override
    protected Lane lane() {
      return lane;
    }

    @Override
    protected RequestOrder order() {
      throw new IllegalStateException("nobody asks for it");
    }

    @Override
    protected void waits() {}

    @Override
    protected @Nullable Exchange next() {
      return null;
    }

    @Override
    public void onStallTimeout() {}
  }

  private <T> T routed(String request, BiFunction<RequestFrame, Command, T> how) {
    ByteBuf bytes = Unpooled.wrappedBuffer(RawClient.request(request.split(" ", -1)));
    RequestFrame frame = new RequestFrame();
    assertTrue(new RequestDecoder(RespLimits.DEFAULT).decode(bytes, 0, bytes.writerIndex(), frame));
    Command command = CommandTable.standard().find(frame);
    assertNotNull(command);
    return worker.on(() -> how.apply(frame, command));
  }

  private Route forward(String request, Exchange reply) {
    return routed(request, (frame, command) -> router.forward(frame, command, reply, lane));
  }

  @Test
  void whereARequestGoesIsFoundWithoutSendingIt() {
    assertSame(alpha, routed("GET " + a, router::find).target());
    assertSame(beta, routed("GET " + b, router::find).target());
    Route without = routed("RANDOMKEY", router::find);
    assertNull(without.target());
    assertFalse(without.isRefused());
    assertEquals(0, first.connections() + second.connections());
  }

  @Test
  void aRequestThatIsRefusedHasItsErrorAndGoesNowhere() {
    Noted reply = new Noted();
    Route route = forward("RENAME " + a + " " + b, reply);
    assertTrue(route.isRefused());
    assertEquals(CROSS_SLOT, new String(route.refusal(), StandardCharsets.UTF_8));
    assertNull(reply.node());
    assertEquals(0, first.connections() + second.connections());
    assertThrows(IllegalStateException.class, () -> forward("GET " + a, reply).refusal());
  }

  @Test
  void aRequestKnowsItsNodeWhenItFailsBeforeTheRouterReturns() {
    first.refuse();
    forward("GET " + a, new Noted()); // which opens the circuit
    Noted reply = new Noted();
    List<String> atReturn =
        routed(
            "GET " + a,
            (frame, command) -> {
              router.forward(frame, command, reply, lane);
              return List.copyOf(reply.nodes);
            });
    assertEquals(List.of("test/alpha (alpha:6379)"), atReturn);
  }

  @Test
  void aRequestForSeveralThatGoesToOneKnowsItToo() {
    Noted one = new Noted();
    routed("MGET " + a, (frame, command) -> nodes.split(frame, command, one, lane));
    assertSame(alpha.node(), one.node());
    Noted both = new Noted();
    routed("MGET " + a + " " + a, (frame, command) -> nodes.split(frame, command, both, lane));
    assertSame(alpha.node(), both.node());
  }

  @Test
  void aStepOfAScanKnowsItsNode() {
    Noted reply = new Noted();
    routed("SCAN 0", (frame, command) -> nodes.special(frame, command, false, reply, lane));
    assertSame(alpha.node(), reply.node());
  }

  @Test
  void aBackendWithMuchToSendIsNamedAndOnlyThen() {
    boolean[] busy =
        routed(
            "GET " + b,
            (frame, command) -> {
              Route route = router.forward(frame, command, new Noted(), lane);
              return new boolean[] {route.busy() == beta, route.isRefused()};
            });
    assertTrue(busy[0]);
    assertFalse(busy[1]);
    assertNull(forward("GET " + a, new Noted()).busy());
  }

  @Test
  void whatIsRoutedWithinTheCallLeavesNothingBehind() {
    first.refuse();
    forward("GET " + a, new Noted()); // which opens the circuit
    Noted reply =
        new Noted() {
          @Override
          protected void failed(NodeFailure failure) {
            ByteBuf bytes = Unpooled.wrappedBuffer(RawClient.request("RENAME", a, b));
            RequestFrame frame = new RequestFrame();
            new RequestDecoder(RespLimits.DEFAULT).decode(bytes, 0, bytes.writerIndex(), frame);
            Command command = CommandTable.standard().find(frame);
            assertTrue(command != null && router.find(frame, command).isRefused());
          }
        };
    assertFalse(forward("GET " + a, reply).isRefused());
  }
}
