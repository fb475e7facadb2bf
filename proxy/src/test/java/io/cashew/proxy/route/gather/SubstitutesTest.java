package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.route.Substitutes;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.LoneExchange;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A merged reply in which something is given for keys of which their nodes say nothing. */
@ExtendWith(LeakCheck.class)
final class SubstitutesTest {
  private static final String LARGE = "x".repeat(100_000);

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final Router router = router();
  private final ManyNodes nodes =
      new ManyNodes(worker.worker(), router, new PoolRecorder(), Long.MAX_VALUE);

  /** By the number of the key. */
  private final Map<Integer, String> whenAway = new HashMap<>();

  private final Map<Integer, String> whenNil = new HashMap<>();

  /** What was asked for, {@code 0 away}. */
  private final List<String> lookedFor = new ArrayList<>();

  private final String a = keyOf(0);
  private final String b = keyOf(1);

  private Router router() {
    Topology topology = Topologies.modula("alpha", "beta");
    Map<ServerId, Backend> backends = new HashMap<>();
    List<InMemoryServer> servers = List.of(alpha, beta);
    for (int i = 0; i < servers.size(); i++) {
      backends.put(topology.shards().get(i).primary(), worker.backend(servers.get(i)));
    }
    Servers sides = new Servers(worker.worker(), backends);
    return new Router(worker.worker(), new PoolRecorder(), sides, topology);
  }

  private String keyOf(int node) {
    return worker.on(
        () -> {
          int i = 0;
          while (router.nodeFor(("k" + i).getBytes(StandardCharsets.US_ASCII)) != node) {
            i++;
          }
          return "k" + i;
        });
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private final class Receiver extends LoneExchange implements Substitutes {
    private final StringBuilder reply = new StringBuilder();
    private boolean over;

    Receiver() {
      super(worker.worker(), router.lane(1, false, 0));
    }

    @Override
    public Substitutes substitutes() {
      return this;
    }

    @Override
    public byte @Nullable [] of(int key, @Nullable NodeFailure failure) {
      lookedFor.add(key + (failure == null ? " nil" : " away"));
      String value = (failure == null ? whenNil : whenAway).get(key);
      return value == null ? null : bulk(value).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    protected void answered(ByteBuf buf, int index, int length, boolean last) {
      reply.append(buf.toString(index, length, StandardCharsets.US_ASCII));
      over |= last;
    }

    @Override
    protected void failed(NodeFailure failure) {
      reply.append(new String(failure.error(), StandardCharsets.US_ASCII));
      over = true;
    }
  }

  private static String bulk(String value) {
    return "$" + value.length() + "\r\n" + value + "\r\n";
  }

  private Receiver ask(boolean merged, String... request) {
    ByteBuf bytes = Unpooled.wrappedBuffer(RawClient.request(request));
    return worker.on(
        () -> {
          RequestFrame frame = new RequestFrame();
          new RequestDecoder(RespLimits.DEFAULT).decode(bytes, 0, bytes.writerIndex(), frame);
          Receiver receiver = new Receiver();
          nodes.read(
              frame,
              Objects.requireNonNull(CommandTable.standard().find(frame)),
              receiver,
              router.lane(1, false, 0),
              false,
              merged);
          return receiver;
        });
  }

  private static String reply(Receiver of) {
    assertTrue(of.over);
    return of.reply.toString();
  }

  @Test
  void keysOfANodeThatFailsAreGivenInTheirPlaces() {
    whenAway.put(0, "memory");
    whenAway.put(3, LARGE);
    Receiver receiver = ask(false, "MGET", a, b, b, a);
    beta.say("*2\r\n$1\r\n1\r\n$-1\r\n");
    alpha.hangUp();
    worker.settle();
    assertEquals("*4\r\n" + bulk("memory") + bulk("1") + "$-1\r\n" + bulk(LARGE), reply(receiver));
  }

  @Test
  void ifOneOfThemIsNotKnownTheFailureIsTheReply() {
    whenAway.put(0, "memory");
    Receiver receiver = ask(false, "MGET", a, b, a);
    beta.say("*1\r\n$1\r\n1\r\n");
    alpha.hangUp();
    worker.settle();
    assertTrue(reply(receiver).startsWith("-ERR "), receiver.reply.toString());
  }

  @Test
  void anErrorOfAnotherNodeIsTheReply() {
    whenAway.put(0, "memory");
    Receiver receiver = ask(false, "MGET", a, b);
    beta.say("-LOADING\r\n");
    alpha.hangUp();
    worker.settle();
    assertEquals("-LOADING\r\n", reply(receiver));
  }

  @Test
  void nilsAreLookedForOneByOneAndValuesAreNot() {
    whenNil.put(1, "memory");
    whenNil.put(2, "more");
    Receiver receiver = ask(false, "MGET", a, b, a, b, a);
    alpha.say("*3\r\n$1\r\n1\r\n$-1\r\n$3\r\n_-$\r\n");
    beta.say("*2\r\n$-1\r\n$-1\r\n");
    worker.settle();
    assertEquals(
        "*5\r\n" + bulk("1") + bulk("memory") + bulk("more") + "$-1\r\n" + bulk("_-$"),
        reply(receiver));
    assertEquals(List.of("1 nil", "2 nil", "3 nil"), lookedFor);
  }

  @Test
  void theReplyOfOneNodeIsMadeAnewWhereThatIsAskedFor() {
    whenNil.put(0, "memory");
    Receiver as = ask(false, "MGET", a, a);
    Receiver merged = ask(true, "MGET", a, a);
    Receiver one = ask(true, "MGET", a);
    alpha.say("*2\r\n$-1\r\n$1\r\n1\r\n".repeat(2) + "*1\r\n$-1\r\n");
    worker.settle();
    assertEquals("*2\r\n$-1\r\n" + bulk("1"), reply(as));
    assertEquals("*2\r\n" + bulk("memory") + bulk("1"), reply(merged));
    assertEquals("*1\r\n" + bulk("memory"), reply(one));
  }
}
