package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestCertificates;
import io.cashew.proxy.testing.TlsRelay;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

class CheckCommandTest {
  private final Path directory;

  CheckCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private CommandRun check(String text) throws IOException {
    CommandRun run =
        CommandRun.of(
            "check", "-c", Files.writeString(directory.resolve("cashew.conf"), text).toString());
    assertEquals(0, run.status(), run.err());
    return run;
  }

  private static String pool(String lines, String... nodes) {
    return "cashew.pools.p { listen = \"127.0.0.1:22121\"\n"
        + lines
        + "\nnodes = [ \""
        + String.join("\", \"", nodes)
        + "\" ] }";
  }

  @Test
  void pipelinesHaveAnObjectAndAStatus() throws IOException {
    String port = "" + FreePorts.next();
    Path file = directory.resolve("cashew.conf");
    Files.writeString(file, pool("", "127.0.0.1:" + port + ":1 a"));
    CommandRun run = CommandRun.of("check", "--json", "-c", file.toString());
    assertEquals(0, run.status(), run.err());
    JSONObject found = new JSONObject(run.out());
    assertTrue(found.getBoolean("valid"));
    JSONObject node =
        found.getJSONArray("pools").getJSONObject(0).getJSONArray("nodes").getJSONObject(0);
    assertEquals("127.0.0.1:" + port, node.getString("address"));
    assertEquals("refuses the connection", node.getString("problem"));
    assertTrue(found.getJSONArray("warnings").toString().contains("refuses the connection"));
    assertEquals(1, CommandRun.of("check", "--strict", "-c", file.toString()).status());
    assertEquals(1, CommandRun.of("check", "--strict", "--json", "-c", file.toString()).status());
  }

  @Test
  void aWrongFileIsAnObjectToo() throws IOException {
    Path file = directory.resolve("cashew.conf");
    Files.writeString(file, pool("hush = 1\n timeout = never", "127.0.0.1:6379:1 a"));
    CommandRun run = CommandRun.of("check", "--json", "-c", file.toString());
    assertEquals(1, run.status());
    JSONObject found = new JSONObject(run.out());
    assertFalse(found.getBoolean("valid"));
    assertEquals(2, found.getJSONArray("errors").length(), run.out());
    assertTrue(found.getJSONArray("errors").getString(0).contains("cashew.conf:2: "), run.out());
  }

  @Test
  void asksMemcachedServersForTheirVersion() throws IOException {
    try (RealMemcached one = RealMemcached.start()) {
      String out =
          check(
                  pool(
                      "protocol = memcached",
                      "127.0.0.1:" + one.port() + ":1 a",
                      "127.0.0.1:" + FreePorts.next() + ":1 b"))
              .out();
      assertTrue(out.contains("version"), out);
      assertTrue(out.contains("node 'b' (127.0.0.1:"), out);
      assertFalse(out.contains("node 'a' (127.0.0.1:"), out);
    }
  }

  @Test
  void ofAPoolWithRoutesTheRoutesAreShown() throws IOException {
    try (RealRedis one = RealRedis.start()) {
      String out =
          check(
                  "cashew.pools.front { listen = \"127.0.0.1:22120\", routes = [ { keys = \"s:*\","
                      + " pool = s }, { user = default, keys = \"t*\", pool = s }, { pool = s } ] }\n"
                      + "cashew.pools.s { nodes = [ \""
                      + one.address()
                      + " a\" ] }")
              .out();
      assertTrue(
          out.contains(
              """
              pool 'front': listen 127.0.0.1:22120, routes
                keys  user     pool
                s:*   -        s
                t*    default  s
                *     -        s
              """),
          out);
      assertTrue(out.contains("pool 's': by routes only, hash"), out);
      assertTrue(out.contains("is valid, no warnings"), out);
      CommandRun topology =
          CommandRun.of("topology", "-c", directory.resolve("cashew.conf").toString());
      assertEquals("s\ta\tprimary\t" + one.address() + "\n", topology.out());
      assertEquals(0, topology.status(), topology.err());
    }
  }

  @Test
  void saysWhoIsPrimaryAmongAddresses() throws IOException {
    try (RealRedis one = RealRedis.start();
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      String nodes =
          "cashew.pools.p { listen = \"127.0.0.1:22121\"\n nodes = [ { name = n, addresses = [\""
              + two.address()
              + "\", \""
              + one.address()
              + "\"] } ] }";
      String out = check(nodes).out();
      assertTrue(out.contains("node 'n': " + one.address() + " is primary"), out);
      assertTrue(
          out.contains("node 'n': " + two.address() + " is a replica of " + one.address()), out);
      assertTrue(out.contains("1 warning\n"), out);
      assertTrue(out.contains("its primary " + one.address() + " and its replica"), out);
      try (RawClient client = two.connect()) {
        client.send("REPLICAOF", "NO", "ONE");
      }
      assertTrue(check(nodes).out().contains("has 2 servers that say they are primary"), out);
    }
  }

  @Test
  void asksTheSentinelsAndRefusesANameThatTheyDoNotKnow() throws IOException {
    try (SentinelRing ring = new SentinelRing(directory, 3)) {
      String sentinels =
          "cashew.pools.p { listen = \"127.0.0.1:22121\"\n sentinel.addresses = [\""
              + String.join("\", \"", ring.addresses())
              + "\"]\n nodes = [ { name = n, master = ";
      String out = check(sentinels + SentinelRing.MASTER + " } ] }").out();
      assertTrue(out.contains("node 'n': " + ring.primary().address() + " is primary"), out);
      CommandRun wrong =
          CommandRun.of(
              "check",
              "-c",
              Files.writeString(directory.resolve("wrong.conf"), sentinels + "other } ] }")
                  .toString());
      assertEquals(1, wrong.status());
      assertTrue(
          wrong
              .err()
              .contains(
                  "pool 'p': node 'n': the Sentinels know no master 'other': write master = one of"
                      + " main"),
          wrong.err());
    }
  }

  @Test
  void sentinelsThatDoNotAnswerAreWarnedOf() throws IOException {
    String out =
        check(
                "cashew.pools.p { listen = \"127.0.0.1:22121\"\n sentinel.addresses ="
                    + " [\"127.0.0.1:1\"]\n nodes = [ { name = n, master = m } ] }")
            .out();
    assertTrue(out.contains("has no primary: 0 of 1 Sentinels answer"), out);
  }

  @Test
  void aWaitThatIsShorterThanAnElectionAndAReplicaOnTheSameHostAreWarnedOf() throws IOException {
    try (SentinelRing ring = new SentinelRing(directory, 3)) {
      String file =
          "cashew.pools.p { listen = \"127.0.0.1:22121\"\n failover-wait = %s\n"
              + " sentinel.addresses = [\"%s\"]\n nodes = [ { name = n, master = main } ] }";
      String sentinels = String.join("\", \"", ring.addresses());
      String out = check(file.formatted("2999ms", sentinels)).out();
      assertTrue(out.contains("node 'n': failover-wait is 2999 ms"), out);
      assertTrue(out.contains("set failover-wait = 3000ms"), out);
      assertTrue(
          out.contains(
              "node 'n': its primary "
                  + ring.primary().address()
                  + " and its replica "
                  + ring.replica().address()
                  + " share a host"),
          out);
      ring.sentinels().get(0).close();
      String less = check(file.formatted("3s", sentinels)).out();
      assertFalse(less.contains("failover-wait is"), less);
      assertTrue(
          less.contains("node 'n': 1 of 3 Sentinels cannot vote: " + ring.addresses().get(0)),
          less);
    }
  }

  @Test
  void aServerThatIsNamedAsASentinelIsNone() throws IOException {
    try (RealRedis server = RealRedis.start()) {
      String out =
          check(
                  "cashew.pools.p { listen = \"127.0.0.1:22121\"\n sentinel.addresses = [\""
                      + server.address()
                      + "\"]\n nodes = [ { name = n, master = m } ] }")
              .out();
      assertTrue(out.contains(server.address() + " is no Sentinel: sentinel.addresses"), out);
    }
  }

  @Test
  void aSentinelIsNoNode() throws IOException {
    try (SentinelRing ring = new SentinelRing(directory, 1)) {
      String address = ring.addresses().get(0);
      for (String node :
          List.of(
              "\"%s:1 a\"".formatted(address), "{ name = a, addresses = [\"" + address + "\"] }")) {
        CommandRun run =
            CommandRun.of(
                "check",
                "-c",
                Files.writeString(
                        directory.resolve("cashew.conf"),
                        "cashew.pools.p { listen = \"127.0.0.1:22121\"\n nodes = [" + node + "] }")
                    .toString());
        assertEquals(1, run.status(), run.out());
        assertTrue(
            run.err().contains(address + " is a Sentinel: write it in sentinel.addresses"),
            run.err());
        assertTrue(run.err().contains("NAME being one of main"), run.err());
      }
    }
  }

  @Test
  void aServerOfAClusterIsWarnedOf() throws IOException {
    String nodes = directory.resolve("nodes.conf").toString();
    try (RealRedis server =
        RealRedis.start("--cluster-enabled", "yes", "--cluster-config-file", nodes)) {
      String out = check(pool("hash = murmur", server.address() + " alpha")).out();
      assertTrue(
          out.contains("node 'alpha': " + server.address() + " is a server of a Redis Cluster"),
          out);
      assertTrue(out.contains("write cluster { seeds = [ \"" + server.address() + "\" ] }"), out);
    }
  }

  @Test
  void goodPoolHasNoWarnings() throws IOException {
    try (DemoNodes servers = DemoNodes.start(3, line -> {})) {
      List<Integer> ports = servers.ports();
      CommandRun run =
          check(
              pool(
                  "hash = murmur",
                  "127.0.0.1:" + ports.get(0) + " alpha",
                  "127.0.0.1:" + ports.get(1) + " beta",
                  "127.0.0.1:" + ports.get(2) + " gamma"));
      assertTrue(run.out().endsWith("cashew.conf is valid, no warnings\n"), run.out());
      assertEquals(3, run.out().lines().filter(line -> line.endsWith("PONG")).count());
      assertTrue(run.out().contains("user:N"), run.out());
    }
  }

  @Test
  void anAccessLogThatCannotBeWrittenIsRefused() throws IOException {
    String file = directory.resolve("missing").resolve("access.log").toString();
    Path config =
        Files.writeString(
            directory.resolve("cashew.conf"),
            pool("access-log.file = \"" + file + "\"", "127.0.0.1:1 a"));
    CommandRun run = CommandRun.of("check", "-c", config.toString());
    assertEquals(1, run.status());
    assertTrue(
        run.err().contains("cannot be written: there is no directory " + directory), run.err());
    check(pool("access-log.file = access.log", "127.0.0.1:1 a"));
    assertTrue(Files.notExists(directory.resolve("access.log")), "check makes no file");
  }

  @Test
  void usersThatRulesDoNotHoldAreWarnedOf() throws IOException {
    CommandRun run =
        check(
            pool(
                "auth.users { s.rules = \"on nopass ~a* +@all\", t.rules = \"on ~* +@all\" }",
                "127.0.0.1:1 a"));
    assertTrue(run.out().contains("may do everything as the user 'default'"), run.out());
    assertTrue(run.out().contains("user 's' may run scripts"), run.out());
    assertTrue(!run.out().contains("user 't'"), run.out());
    run =
        check(
            pool(
                "auth.users { default.rules = off, s.rules = \"on ~a* +@all -@scripting\" }",
                "127.0.0.1:1 a"));
    assertTrue(!run.out().contains("user '"), run.out());
  }

  @Test
  void defaultHashSpreadsNumberedKeysUnevenly() throws IOException {
    CommandRun run =
        check(pool("", "127.0.0.1:1 server1", "127.0.0.1:1 server2", "127.0.0.1:1 server3"));
    assertTrue(run.out().contains("warning: pool 'p': of 1,000 keys user:N, node "), run.out());
    assertTrue(run.out().contains("times its share"), run.out());
    assertTrue(run.out().contains("hash = murmur would spread"), run.out());
  }

  @Test
  void hashOfFifteenBitsOnTheContinuumIsNamed() throws IOException {
    CommandRun run = check(pool("hash = crc32", "127.0.0.1:1 a", "127.0.0.1:2 b"));
    assertTrue(run.out().contains("crc32 has only 15 bits"), run.out());
    assertFalse(check(pool("hash = crc32a", "127.0.0.1:1 a")).out().contains("15 bits"));
  }

  @Test
  void weightsAreTakenIntoAccount() throws IOException {
    CommandRun run = check(pool("hash = murmur", "127.0.0.1:1:1 a", "127.0.0.1:2:9 b"));
    assertFalse(run.out().contains("times its share"), run.out());
  }

  @Test
  void slotsAreComparedWithTheirOwners() throws IOException {
    CommandRun run =
        check(
            """
            cashew.pools.p { listen = "127.0.0.1:22121", distribution = slots, nodes = [
              { address = "127.0.0.1:1", name = small, slots = [ "0-1637" ] }
              { address = "127.0.0.1:2", name = large, slots = [ "1638-16383" ] } ] }
            """);
    assertFalse(run.out().contains("times its share"), run.out());
  }

  @Test
  void randomDistributionIsNotMeasured() throws IOException {
    CommandRun run = check(pool("distribution = random", "127.0.0.1:1 a", "127.0.0.1:2 b"));
    assertFalse(run.out().contains("user:N"), run.out());
  }

  @Test
  void nodesThatDoNotAnswerAreNamed() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CommandRun run =
          check(
              pool(
                  "hash = murmur",
                  "127.0.0.1:1 gone",
                  "127.0.0.1:" + silent.getLocalPort() + " silent",
                  "unix:/nonexistent/redis.sock nowhere",
                  "no-such-host.invalid:6379 nameless"));
      assertTrue(run.out().contains("node 'gone' (127.0.0.1:1) refuses the connection"), run.out());
      assertTrue(run.out().contains("does not answer within 1000 ms"), run.out());
      assertTrue(run.out().contains("node 'nowhere' (unix:/nonexistent/redis.sock) "), run.out());
      assertTrue(run.out().contains("node 'nameless' (no-such-host.invalid:6379) "), run.out());
    }
  }

  @Test
  void nodesAreAskedWithTheirPassword() throws IOException {
    try (DemoNodes servers = DemoNodes.start(1, line -> {});
        Jedis jedis = new Jedis("127.0.0.1", servers.ports().get(0))) {
      jedis.configSet("requirepass", "swordfish");
      String node = "127.0.0.1:" + servers.ports().get(0) + " locked";
      CommandRun without = check(pool("", node));
      assertTrue(without.out().contains("answers PING with -NOAUTH"), without.out());
      CommandRun wrong = check(pool("node-auth.password = x", node));
      assertTrue(wrong.out().contains("answers AUTH with -"), wrong.out());
      CommandRun right = check(pool("database = 1, auth.password = swordfish", node));
      assertTrue(right.out().contains("no warnings"), right.out());
    }
  }

  @Test
  void sharedAddressesAreNamed() throws IOException {
    CommandRun run = check(pool("", "127.0.0.1:1 a", "127.0.0.1:1 b"));
    assertTrue(
        run.out().contains("nodes 'a' and 'b' have the same address 127.0.0.1:1"), run.out());
  }

  @Test
  void nodesThatAreOneServerAreNamedWithWhatFollows() throws IOException {
    CommandRun run = check(pool("", "127.0.0.1:1 a", "localhost:1 b", "127.0.0.1:2 c"));
    assertTrue(
        run.out().contains("nodes 'a' and 'b' are one server, 127.0.0.1:1 and localhost:1"),
        run.out());
    assertTrue(run.out().contains("FLUSHALL included"), run.out());
  }

  @Test
  void nodesThatAreOneServerAreFoundWhateverTheirAddresses() throws IOException {
    Path socket = directory.resolve("redis.sock");
    try (RealRedis server = RealRedis.start("--unixsocket", socket.toString());
        RealRedis other = RealRedis.start()) {
      String one = "127.0.0.1:" + server.port();
      CommandRun run =
          check(pool("", one + " a", "unix:" + socket + " b", "127.0.0.1:" + other.port() + " c"));
      assertTrue(
          run.out().contains("nodes 'a' and 'b' are one server, " + one + " and unix:" + socket),
          run.out());
      assertFalse(run.out().contains("'c' are"), run.out());
    }
  }

  @Test
  void nodesThatAreCopiesOfOneAnotherAreNamedWithWhatFollows() throws IOException {
    try (RealRedis primary = RealRedis.start();
        RealRedis replica = RealRedis.start("--replicaof", "127.0.0.1", "" + primary.port());
        RealRedis other = RealRedis.start();
        RawClient direct = replica.connect()) {
      Await.until(
          "the replica has the data of its primary",
          () -> ("" + direct.send("INFO", "replication")).contains("master_link_status:up"));
      String[] nodes = {
        "127.0.0.1:" + primary.port() + " a",
        "127.0.0.1:" + replica.port() + " b",
        "127.0.0.1:" + other.port() + " c"
      };
      String out = check(pool("", nodes)).out();
      assertTrue(out.contains("nodes 'a' and 'b' are copies of one another"), out);
      assertTrue(out.contains("keys and messages count once for each of them"), out);
      assertFalse(out.contains("'c' are"), out);
      String random = check(pool("distribution = random", nodes)).out();
      assertFalse(random.contains("are copies"), random);
    }
  }

  @Test
  void aPoolThatIsItsOwnNodeIsRefused() throws IOException {
    CommandRun run =
        CommandRun.of(
            "check",
            "-c",
            Files.writeString(directory.resolve("self.conf"), pool("", "localhost:22121 a"))
                .toString());
    assertEquals(1, run.status());
    assertTrue(run.err().contains("nodes[0]: is the pool itself"), run.err());
  }

  @Test
  void poolsThatGoRoundInACircleAreNamed() throws IOException {
    CommandRun run =
        check(
            pool("", "127.0.0.1:22123 a")
                + "\ncashew.pools.q { listen = \"127.0.0.1:22123\", nodes = [ \"127.0.0.1:22121 b\" ] }");
    assertTrue(run.out().contains("pools go round in a circle"), run.out());
  }

  @Test
  void openDoorsAreNamed() throws IOException {
    String open =
        "cashew { admin.listen = \"0.0.0.0:22222\", pools.p { listen = \"0.0.0.0:22121\", %s"
            + " nodes = [ \"127.0.0.1:1\" ] } }";
    CommandRun refused =
        CommandRun.of(
            "check",
            "-c",
            Files.writeString(directory.resolve("open.conf"), open.formatted("")).toString());
    assertEquals(1, refused.status());
    assertTrue(refused.err().contains("admin.listen: '0.0.0.0:22222' can be reached by other"));
    assertTrue(refused.err().contains("pools.p.listen: '0.0.0.0:22121' can be reached by other"));
    CommandRun run =
        check(open.formatted("protected-mode = no,") + "\ncashew.admin.protected-mode = no");
    assertTrue(run.out().contains("listen is reachable from other machines"), run.out());
    assertTrue(run.out().contains("without a password"), run.out());
    assertTrue(run.out().contains("admin.listen is reachable from other machines"), run.out());
    CommandRun locked = check(open.formatted("auth.password = x,") + "\ncashew.admin.token = x");
    assertFalse(locked.out().contains("reachable"), locked.out());
  }

  @Test
  void certificatesThatEndSoonAreNamed() throws IOException {
    TestCertificates certificates = new TestCertificates(directory);
    certificates.issue("proxy", Instant.now().plus(Duration.ofDays(5)), "localhost");
    String tls = "tls { certificate = proxy.pem, key = proxy.key }";
    CommandRun soon = check(pool(tls, "127.0.0.1:1"));
    assertTrue(soon.out().contains("tls.certificate: the certificate of 'CN=proxy' expires on "));
    certificates.issue("proxy", Instant.now().minus(Duration.ofHours(5)), "localhost");
    CommandRun past = check(pool(tls, "127.0.0.1:1"));
    assertTrue(past.out().contains("has expired on "), past.out());
  }

  @Test
  void nodesAreAskedOverTls() throws IOException {
    TestCertificates certificates = new TestCertificates(directory);
    X509Bundle node = certificates.issue("node");
    try (DemoNodes servers = DemoNodes.start(1, line -> {});
        TlsRelay relay = new TlsRelay(servers.ports().get(0), certificates.client(node), false)) {
      String address = "127.0.0.1:" + relay.port() + " secure";
      CommandRun right = check(pool("node-tls.ca = ca.pem", address));
      assertFalse(right.out().contains("node 'secure'"), right.out());
      CommandRun unknown = check(pool("node-tls.enabled = true", address));
      assertTrue(unknown.out().contains("cannot be spoken to over TLS"), unknown.out());
    }
  }
}
