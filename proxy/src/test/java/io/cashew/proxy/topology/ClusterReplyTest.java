package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.topology.ClusterServer.Condition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a server says of its Cluster. */
final class ClusterReplyTest {
  private static final String INFO = "cluster_state:ok\r\ncluster_current_epoch:9\r\n";

  private static ReplyValue text(String text) {
    return new ReplyValue('$', text, List.of(), false);
  }

  private static ReplyValue error(String text) {
    return new ReplyValue('-', text, List.of(), false);
  }

  private static final ReplyValue NIL = new ReplyValue('$', "-1", List.of(), true);
  private static final ReplyValue NO_SLOTS = error("ERR unknown subcommand");
  private static final ReplyValue NOTHING = ReplyValue.array(List.of());

  private static ReplyValue array(Object... elements) {
    return ReplyValue.array(
        Arrays.stream(elements)
            .map(
                each ->
                    each instanceof ReplyValue value
                        ? value
                        : each instanceof Integer number
                            ? ReplyValue.integer(number)
                            : text((String) each))
            .toList());
  }

  private static ClusterReply.View view(String asked, String nodes, ReplyValue slots) {
    return assertInstanceOf(
        ClusterReply.View.class,
        ClusterReply.of(
            List.of(text(nodes), slots, text(INFO), NOTHING),
            new ClusterAddresses(
                asked, Map.of("172.17.0.2:7000", "10.0.0.1:17000", "[::1]:7003", "six:1"))));
  }

  private static ClusterServer only(String asked, String nodes, ReplyValue slots) {
    List<ClusterServer> servers = view(asked, nodes, slots).servers();
    assertEquals(1, servers.size());
    return servers.get(0);
  }

  private static String addressOf(String place) {
    return only("h:1", "a " + place + " master - 0 0 1 connected", NO_SLOTS).address();
  }

  @Test
  void linesOfNodesSayWhoHasWhat() {
    ClusterReply.View view =
        view(
            "h:1",
            """
            a 10.0.0.1:7000@17000 myself,master - 0 0 3 connected 0-100 200 [201->-b] [300-<-b]
            b 10.0.0.2:7000@17000 master,fail? - 0 0 2 connected 101-199
            c 10.0.0.3:7000@17000,host-c slave a 0 0 3 connected
            d 10.0.0.4:7000 slave,fail b 0 0 2 disconnected
            e 10.0.0.5:7000@17000 handshake - 0 0 0 connected
            f :0@0 master,noaddr,fail - 0 0 1 disconnected
            """,
            NO_SLOTS);
    assertEquals("a", view.teller());
    assertEquals(9, view.epoch());
    assertTrue(view.serves());
    assertEquals(1, view.databases());
    assertEquals(
        List.of(
            new ClusterServer(
                "a",
                "10.0.0.1:7000",
                "",
                3,
                Condition.WELL,
                List.of(new SlotRange(0, 100), new SlotRange(200, 200))),
            new ClusterServer(
                "b", "10.0.0.2:7000", "", 2, Condition.SUSPECTED, List.of(new SlotRange(101, 199))),
            new ClusterServer("c", "10.0.0.3:7000", "a", 3, Condition.WELL, List.of()),
            new ClusterServer("d", "10.0.0.4:7000", "b", 2, Condition.FAILED, List.of()),
            new ClusterServer("e", "10.0.0.5:7000", "", 0, Condition.STRANGE, List.of()),
            new ClusterServer("f", "", "", 1, Condition.FAILED, List.of())),
        view.servers());
  }

  @Test
  void whoDoesNotKnowWhereItIsIsWhereItWasAsked() {
    String line = "a :7000@17000 myself,master - 0 0 1 connected";
    assertEquals("db.example:7000", only("db.example:7001", line, NO_SLOTS).address());
    assertEquals("[::2]:7000", only("[::2]:7001", line, NO_SLOTS).address());
    String other = line.replace("myself,", "");
    assertEquals("", only("db.example:7001", other, NO_SLOTS).address());
  }

  @Test
  void addressesAreThoseThatClientsUse() {
    assertEquals("[2001:db8::1]:7000", addressOf("2001:db8::1:7000@17000"));
    assertEquals("10.0.0.1:17000", addressOf("172.17.0.2:7000@17000"));
    assertEquals("six:1", addressOf("::1:7003@17003"));
    assertEquals("", addressOf("10.0.0.1:99999@1"));
    assertEquals("", addressOf("no address:7000@17000"));
    assertEquals("", addressOf("nothing"));
  }

  private static String endpointOf(ReplyValue host, ReplyValue metadata) {
    String nodes = "a 10.0.0.1:7000@17000 master - 0 0 1 connected 0-16383";
    return only("h:1", nodes, array(array(0, 16383, array(host, 7443, "a", metadata)))).address();
  }

  @Test
  void endpointsOfSlotsComeFirst() {
    assertEquals("redis-a:7443", endpointOf(text("redis-a"), array()));
    assertEquals("[::5]:7443", endpointOf(text("::5"), array()));
    assertEquals("h:7443", endpointOf(NIL, array()));
    assertEquals("h:7443", endpointOf(text(""), array()));
    assertEquals("10.9.9.9:7443", endpointOf(text("?"), array("ip", "10.9.9.9")));
    assertEquals("10.0.0.1:7000", endpointOf(text("?"), array()));
    assertEquals("10.0.0.1:7000", endpointOf(text("no name"), array()));
  }

  @Test
  void withoutNodesTheSlotsHaveToDo() {
    ClusterReply.View view =
        assertInstanceOf(
            ClusterReply.View.class,
            ClusterReply.of(
                List.of(
                    error("NOPERM"),
                    array(
                        array(0, 99, array("10.0.0.1", 7000, "a"), array("10.0.0.2", 7000, "b")),
                        array(200, 299, array("10.0.0.1", 7000, "a"))),
                    error("NOPERM"),
                    error("NOPERM")),
                new ClusterAddresses("h:1", Map.of())));
    assertEquals(0, view.epoch());
    assertEquals(
        List.of(
            new ClusterServer(
                "a",
                "10.0.0.1:7000",
                "",
                0,
                Condition.WELL,
                List.of(new SlotRange(0, 99), new SlotRange(200, 299))),
            new ClusterServer("b", "10.0.0.2:7000", "a", 0, Condition.WELL, List.of())),
        view.servers().stream().sorted((x, y) -> x.id().compareTo(y.id())).toList());
  }

  @Test
  void whatIsNoClusterSaysWhy() {
    ReplyValue disabled = error("ERR This instance has cluster support disabled");
    assertEquals(
        new ClusterReply.Unknown("ERR This instance has cluster support disabled"),
        ClusterReply.of(
            List.of(disabled, disabled, disabled, NOTHING), new ClusterAddresses("h:1", Map.of())));
    assertEquals(
        new ClusterReply.Unknown("no reply"),
        ClusterReply.of(null, new ClusterAddresses("h:1", Map.of())));
  }

  @Test
  void whateverComesNothingIsThrown() {
    ReplyValue odd =
        array(1, "x", array(), array(1), array("a", "b", "c"), array(5, 1, array("h", "x", "i")));
    String nodes = "a b c d e f g h i\n\na 1:2 master\nx 1:2@3 slave - 0 0 x connected 5-1 a-b -";
    for (ReplyValue slots : List.of(odd, text("x"), NIL, array(odd))) {
      assertInstanceOf(
          ClusterReply.View.class,
          ClusterReply.of(
              List.of(text(nodes), slots, text("cluster_current_epoch:x"), odd),
              new ClusterAddresses("nowhere", Map.of())));
    }
  }

  @Test
  void aRealClusterIsRead() {
    try (RealCluster cluster = RealCluster.start()) {
      ClusterMap map = ClusterMap.NOTHING;
      for (RealRedis server : cluster.servers()) {
        ClusterReply.View view =
            assertInstanceOf(
                ClusterReply.View.class,
                ClusterReply.of(ask(server), new ClusterAddresses(server.address(), Map.of())));
        assertEquals(cluster.id(server), view.teller());
        assertTrue(view.serves());
        map = map.after(view);
      }
      assertEquals(0, map.uncovered());
      assertFalse(map.epoch() == 0);
      List<String> primaries = new ArrayList<>();
      for (ClusterServer primary : map.primaries().keySet()) {
        primaries.add(primary.address());
        assertEquals(
            List.of(cluster.server(primaries.size() + 2).address()),
            map.replicasOf(primary).stream().map(ClusterServer::address).toList());
      }
      assertEquals(
          cluster.servers().subList(0, 3).stream().map(RealRedis::address).toList(), primaries);
    }
  }

  private static List<ReplyValue> ask(RealRedis server) {
    ByteBuf replies = Unpooled.buffer();
    try (RawClient client = server.connect()) {
      ClusterReply.REQUESTS.forEach(client::write);
      client.write(RawClient.request("QUIT"));
      replies.writeBytes(client.readToEnd().getBytes(StandardCharsets.ISO_8859_1));
    }
    List<ReplyValue> values = new ArrayList<>();
    for (int i = 0; i < ClusterReply.REQUESTS.size(); i++) {
      values.add(ReplyValue.read(replies));
    }
    return values;
  }
}
