package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.LoneExchange;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Requests are cut by the groups of their keys, of which a server may have many: it gets a request
 * for each, one behind the other.
 */
@ExtendWith(LeakCheck.class)
final class FragmentsTest {

  /** The key's first byte is its group; those below 'n' are the first shard's. */
  private static final class ByFirstByte implements Placement {
    @Override
    public int groupOf(byte[] bytes, int offset, int length) {
      return bytes[offset];
    }

    @Override
    public int shardOf(int group) {
      return group < 'n' ? 0 : 1;
    }

    @Override
    public int groupOfAll(byte[] bytes, int offset, int length) {
      return NO_GROUP;
    }

    @Override
    public Placement without(Set<Integer> ejected) {
      return this;
    }
  }

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final ServerId first = new ServerId("alpha", 0);
  private final ServerId second = new ServerId("beta", 1);
  private final Map<ServerId, Backend> sides =
      Map.of(first, worker.backend(alpha), second, worker.backend(beta));
  private final Router router =
      new Router(
          worker.worker(),
          new PoolRecorder(),
          new Servers(worker.worker(), sides),
          Topology.of(
              List.of(Shard.of("alpha", 1, first), Shard.of("beta", 1, second)),
              new ByFirstByte(),
              Traits.ofStores(16)));
  private final ManyNodes nodes =
      new ManyNodes(worker.worker(), router, new PoolRecorder(), Long.MAX_VALUE);
  private final StringBuilder received = new StringBuilder();

  @AfterEach
  void stop() {
    worker.close();
  }

  private final class Receiver extends LoneExchange {
    Receiver() {
      super(worker.worker(), router.lane(1, false, 0));
    }

    @Override
    protected void answered(ByteBuf buf, int index, int length, boolean last) {
      received.append(buf.toString(index, length, StandardCharsets.US_ASCII));
    }

    @Override
    protected void failed(NodeFailure failure) {
      received.append(failure.text());
    }
  }

  private static RequestFrame frame(String request) {
    ByteBuf bytes = Unpooled.wrappedBuffer(RawClient.request(request.split(" ", -1)));
    RequestFrame frame = new RequestFrame();
    assertTrue(new RequestDecoder(RespLimits.DEFAULT).decode(bytes, 0, bytes.writerIndex(), frame));
    return frame;
  }

  private static Command commandOf(RequestFrame frame) {
    Command command = CommandTable.standard().find(frame);
    assertNotNull(command);
    return command;
  }

  private void send(String request) {
    RequestFrame frame = frame(request);
    worker.run(
        () -> nodes.split(frame, commandOf(frame), new Receiver(), router.lane(1, false, 0)));
  }

  private String received() {
    String all = received.toString().replace("\r\n", " ").strip();
    received.setLength(0);
    return all;
  }

  @Test
  void aServerGetsARequestForEachGroup() {
    send("MGET a1 z1 b1 a2 b2 c1");
    assertEquals(List.of("MGET a1 a2", "MGET b1 b2", "MGET c1"), alpha.requests());
    assertEquals(List.of("MGET z1"), beta.requests());
    assertEquals(1, alpha.connections());
    alpha.say("*2\r\n:1\r\n:4\r\n*2\r\n:3\r\n:5\r\n*1\r\n:6\r\n");
    assertEquals("", received());
    beta.say("*1\r\n:2\r\n");
    assertEquals("*6 :1 :2 :3 :4 :5 :6", received());
  }

  @Test
  void whatBelongsToAKeyGoesWithIt() {
    send("MSET a1 1 z1 2 b1 3 a2 4");
    assertEquals(List.of("MSET a1 1 a2 4", "MSET b1 3"), alpha.requests());
    assertEquals(List.of("MSET z1 2"), beta.requests());
    alpha.say("+OK\r\n+OK\r\n");
    beta.say("+OK\r\n");
    assertEquals("+OK", received());
  }

  @Test
  void theErrorOfTheFirstGroupIsTheWholeReply() {
    send("DEL z1 b1 a1");
    beta.say("-ERR z\r\n");
    alpha.say("-ERR b\r\n-ERR a\r\n");
    assertEquals("-ERR a", received());
  }

  @Test
  void keysOfOneGroupGoUnchanged() {
    send("MGET a1 a2 a1");
    assertEquals(List.of("MGET a1 a2 a1"), alpha.requests());
    alpha.say("*3\r\n:1\r\n:2\r\n:1\r\n");
    assertEquals("*3 :1 :2 :1", received());
  }

  @Test
  void manyKeysOfManyGroupsAreCutAgainAndAgain() {
    Fragments fragments = new Fragments();
    KeyPositions keys = new KeyPositions();
    for (int count : new int[] {1, 5, 40_000, 3, 1000}) {
      StringBuilder request = new StringBuilder("MGET");
      int[] groups = new int[count];
      for (int i = 0; i < count; i++) {
        request.append(" k").append(i);
        groups[i] = (i * 7919) % 16384;
      }
      RequestFrame frame = frame(request.toString());
      assertTrue(commandOf(frame).keys(frame, keys));
      int[] fragmentOfKey = groups.clone();
      fragments.cut(fragmentOfKey, count, frame, keys, 1);
      assertEquals(Math.min(count, 16384), fragments.count());
      int[] groupsOfFragments = new int[count];
      int keysOfFragments = 0;
      for (int i = 0; i < count; i++) {
        groupsOfFragments[i] = fragments.group(fragmentOfKey[i]);
      }
      for (int i = 0; i < fragments.count(); i++) {
        keysOfFragments += fragments.keyCount(i);
      }
      assertArrayEquals(groups, groupsOfFragments);
      assertEquals(count, keysOfFragments);
    }
  }
}
