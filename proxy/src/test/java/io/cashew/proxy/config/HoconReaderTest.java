package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.distribution.JedisPointNames;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoconReaderTest {

  private static Settings read(String text) throws ConfigException {
    return HoconReader.read(text, "cashew.conf");
  }

  /** A pool with one line of its own, on line 4. */
  private static String poolWith(String line) {
    return """
        cashew.pools.sessions {
          listen = "127.0.0.1:22121"
          nodes = [ "127.0.0.1:6379 alpha", "127.0.0.1:6380 beta" ]
          %s
        }
        """
        .formatted(line);
  }

  private static PoolSettings pool(String line) throws ConfigException {
    return read(poolWith(line)).pools().get(0);
  }

  private static PoolSettings poolOfNodes(String nodes) throws ConfigException {
    return read("cashew.pools.p { listen = \"a:1\", nodes = [" + nodes + "] }").pools().get(0);
  }

  private static List<ConfigProblem> problems(String text) {
    return assertThrows(ConfigException.class, () -> read(text)).problems();
  }

  private static void assertProblem(String text, int line, String key, String... words) {
    List<ConfigProblem> problems = problems(text);
    assertEquals(1, problems.size(), problems::toString);
    ConfigProblem problem = problems.get(0);
    assertEquals("cashew.conf", problem.file());
    assertEquals(line, problem.line(), problem::toString);
    assertEquals(key, problem.key(), problem::toString);
    for (String word : words) {
      assertTrue(problem.text().contains(word), problem::toString);
    }
  }

  @Test
  void defaultsAreThoseOfTheDesign() throws ConfigException {
    Settings settings = read(poolWith(""));
    assertEquals(Runtime.getRuntime().availableProcessors(), settings.workers().count());
    assertEquals(TransportKind.AUTO, settings.workers().transport());
    assertEquals(Optional.of(new Address.Tcp("127.0.0.1", 22222)), settings.admin().listen());
    assertEquals(1_500, settings.drain().delayMillis());
    assertEquals(3_000, settings.drain().timeoutMillis());
    PoolSettings pool = settings.pools().get(0);
    assertEquals("sessions", pool.name());
    assertEquals("fnv1a_64", pool.placement().hash().name());
    assertEquals(Optional.empty(), pool.placement().hashTag());
    assertEquals("ketama", pool.placement().distribution().name());
    assertEquals(160, pool.placement().pointsPerNode());
    assertEquals(1_000, pool.connections().timeoutMillis());
    assertEquals(1, pool.connections().perNode());
    assertFalse(pool.connections().preconnect());
    assertEquals(0, pool.connections().database());
    assertEquals(3, pool.health().failureLimit());
    assertEquals(1_000, pool.health().retryAfterMillis());
    assertEquals(new EjectSettings(false, 0.5, EjectRing.KEEP), pool.health().eject());
    assertEquals(Optional.empty(), pool.auth().password());
    assertEquals(Optional.empty(), pool.auth().nodeAuth());
    assertEquals(AdminCommands.REFUSE, pool.commands().admin());
    assertEquals(512, pool.clients().backlog());
    assertEquals(
        List.of(300, 300),
        List.of(pool.clients().keepaliveSeconds(), pool.connections().keepaliveSeconds()));
    assertEquals(List.of(), pool.commands().declared());
    assertEquals(LimitSettings.DEFAULT, pool.limits());
  }

  @Test
  void everyKeyIsRead() throws ConfigException {
    Settings settings =
        read(
            """
            cashew {
              workers = 3
              transport = io-uring
              admin.listen = off
              drain-timeout = 2500ms
              memory-limit = 99MiB
              pools.p {
                listen = "unix:/run/cashew.sock 0660"
                hash = murmur, hash-tag = "$$", distribution = modula, points-per-node = 40
                timeout = 400ms, connections-per-node = 2, preconnect = true, database = 7
                failure-limit = 5, retry-after = 2s, retry-reads = false, eject { enabled = true, max-ejected = 0.25 }
                auth.password = front, node-auth { username = joe, password = back }
                admin-commands = all-nodes, backlog = 64, tcp-keepalive = true, node-tcp-keepalive = 1m
                limits {
                  clients = 9, in-flight-per-client = 10, unsent-per-client = 2KiB
                  unsent-per-client-hard = 3KiB, unsent-per-node = 4KiB, bulk-length = 5MiB
                  arguments = 60, gathered-request = 7MiB,
                  databases = 8, pinned-per-node = 77,
                  unsent-per-subscriber = 8KiB
                }
                nodes = [ { address = "[::1]:6379", weight = 2, name = gamma } ]
              }
            }
            """);
    assertEquals(3, settings.workers().count());
    assertEquals(TransportKind.IO_URING, settings.workers().transport());
    assertEquals(Optional.empty(), settings.admin().listen());
    assertEquals(2_500, settings.drain().timeoutMillis());
    assertEquals(99L << 20, settings.memoryLimit());
    PoolSettings pool = settings.pools().get(0);
    assertEquals(new Address.Unix("/run/cashew.sock", 0660), pool.listen());
    assertEquals("murmur", pool.placement().hash().name());
    assertEquals(Optional.of(HashTag.of("$$")), pool.placement().hashTag());
    assertEquals("modula", pool.placement().distribution().name());
    assertEquals(40, pool.placement().pointsPerNode());
    assertEquals(400, pool.connections().timeoutMillis());
    assertEquals(2, pool.connections().perNode());
    assertTrue(pool.connections().preconnect());
    assertEquals(7, pool.connections().database());
    assertEquals(5, pool.health().failureLimit());
    assertEquals(2_000, pool.health().retryAfterMillis());
    assertFalse(pool.connections().retryReads());
    assertEquals(new EjectSettings(true, 0.25, EjectRing.KEEP), pool.health().eject());
    assertEquals(Optional.of(new Secret("front")), pool.auth().password());
    assertEquals(
        Optional.of(new NodeAuth(Optional.of("joe"), new Secret("back"))), pool.auth().nodeAuth());
    assertEquals(AdminCommands.ALL_NODES, pool.commands().admin());
    assertEquals(64, pool.clients().backlog());
    assertEquals(
        List.of(300, 60),
        List.of(pool.clients().keepaliveSeconds(), pool.connections().keepaliveSeconds()));
    assertEquals(
        LimitSettings.DEFAULT
            .with(LimitSettings.CLIENTS, 9)
            .with(LimitSettings.IN_FLIGHT_PER_CLIENT, 10)
            .with(LimitSettings.UNSENT_PER_CLIENT, 2048L)
            .with(LimitSettings.UNSENT_PER_CLIENT_HARD, 3072L)
            .with(LimitSettings.UNSENT_PER_NODE, 4096L)
            .with(LimitSettings.BULK_LENGTH, 5L << 20)
            .with(LimitSettings.ARGUMENTS, 60)
            .with(LimitSettings.GATHERED_REQUEST, 7L << 20)
            .with(LimitSettings.DATABASES, 8)
            .with(LimitSettings.PINNED_PER_NODE, 77)
            .with(LimitSettings.UNSENT_PER_SUBSCRIBER, 8192L),
        pool.limits());
    assertEquals(
        List.of(new NodeSettings("gamma", new Address.Tcp("::1", 6379), 2, List.of())),
        pool.nodes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "127.0.0.1:6379:5 alpha     | alpha           | 127.0.0.1:6379  | 5",
        "127.0.0.1:6379 alpha       | alpha           | 127.0.0.1:6379  | 1",
        "127.0.0.1:6379:3           | 127.0.0.1:6379  | 127.0.0.1:6379  | 3",
        "127.0.0.1:6379             | 127.0.0.1:6379  | 127.0.0.1:6379  | 1",
        "cache-1.example.org:11211  | cache-1.example.org | cache-1.example.org:11211 | 1",
        "unix:/tmp/a.sock           | /tmp/a.sock:    | unix:/tmp/a.sock | 1",
        "unix:/tmp/a.sock:4         | /tmp/a.sock:    | unix:/tmp/a.sock | 4",
        "unix:/tmp/a.sock:4 local   | local           | unix:/tmp/a.sock | 4",
        "[::1]:6379                 | ::1:6379        | [::1]:6379      | 1",
        "[fe80::1%eth0]:6379:2 far  | far             | [fe80::1%eth0]:6379 | 2",
      })
  void nodesMayBeTexts(String text, String name, String address, int weight)
      throws ConfigException {
    NodeSettings node = poolOfNodes("\"" + text + "\"").nodes().get(0);
    assertEquals(name, node.name());
    assertEquals(address, node.address().text());
    assertEquals(weight, node.weight());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a                     | has no port",
        "a:x                   | has an invalid port",
        "a:06379               | has a port with a zero before it",
        "a:0                   | has an invalid port",
        "a:65536               | has an invalid port",
        "a:6379:0              | has an invalid weight",
        "a:6379:9999999999     | has an invalid weight",
        "::1:6379              | needs brackets",
        "a:1:1:1               | has too many colons",
        "a b c                 | has no valid host",
        ":6379                 | has no valid host",
        "[::1]                 | has no port",
        "unix:tmp/a            | has no absolute path",
        "unix:/                | has no absolute path",
        "/tmp/a.sock           | write host:port or unix:/path",
      })
  void nodesMustHaveTheirForm(String text, String words) {
    assertProblem(
        "cashew.pools.p {\n listen = \"a:1\"\n nodes = [\n \"a:6379\",\n \"" + text + "\" ] }",
        5,
        "cashew.pools.p.nodes[1]",
        words);
  }

  @Test
  void nodeOfTheWrongTypeIsRefused() {
    assertProblem(
        "cashew.pools.p {\n listen = \"a:1\"\n nodes = [ [1] ] }",
        3,
        "cashew.pools.p.nodes[0]",
        "not a list");
  }

  @Test
  void nodesMayBeWhereverTheirPrimaryIs() throws ConfigException {
    PoolSettings pool =
        read("cashew.pools.p { listen = \"a:1\"\n sentinel.addresses = [\"s:26379\"]\n nodes = ["
                + " { name = one, addresses = [\"b:1\", \"c:2\"] },"
                + " { name = two, master = main, weight = 2 }, \"d:3:1 three\" ] }")
            .pools()
            .get(0);
    assertEquals(
        List.of(
            new NodeSettings(
                "one",
                new NodePlace.Among(List.of(new Address.Tcp("b", 1), new Address.Tcp("c", 2))),
                1,
                List.of()),
            new NodeSettings("two", new NodePlace.OfMaster("main"), 2, List.of()),
            new NodeSettings("three", new Address.Tcp("d", 3), 1, List.of())),
        pool.nodes());
    assertEquals(List.of(new Address.Tcp("s", 26379)), pool.sentinel().addresses());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ name = n } | has none of address, addresses, master",
        "{ name = n, address = \"b:1\", master = m } | cannot stand beside address",
        "{ name = n, addresses = [] } | is empty: name the primary and its replicas",
        "{ addresses = [\"b:1\"] } | has no name: keys are spread by name",
        "{ master = m } | has no name: keys are spread by name",
        "{ name = n, addresses = [\"b\"] } | has no port: 'b'",
        "{ name = n, addresses = [\"b:1\", \"127.0.0.1:22121\"] } | is the pool itself",
      })
  void aNodeIsInOnePlace(String node, String words) {
    List<ConfigProblem> problems =
        problems(
            "cashew.pools.p { listen = \"127.0.0.1:22121\"\n sentinel.addresses = [\"s:1\"]\n nodes = ["
                + node
                + ", { name = other, master = m } ] }");
    assertTrue(problems.get(0).text().contains(words), problems::toString);
    assertEquals(3, problems.get(0).line());
  }

  @Test
  void aMasterNeedsSentinelsAndSentinelsAMaster() {
    assertProblem(
        "cashew.pools.p { listen = \"a:1\"\n nodes = [ { name = n, master = m } ] }",
        2,
        "cashew.pools.p.nodes",
        "write sentinel.addresses");
    assertProblem(
        "cashew.pools.p { listen = \"a:1\"\n nodes = [ \"b:1\" ]\n sentinel.addresses = [\"s:1\"] }",
        3,
        "cashew.pools.p.sentinel.addresses",
        "no node has a master");
    assertProblem(
        "cashew.pools.p { listen = \"a:1\"\n nodes = [ { name = n, master = m } ]\n"
            + " sentinel { addresses = [\"s:1\"], username = u } }",
        3,
        "cashew.pools.p.sentinel.username",
        "needs sentinel.password");
  }

  @Test
  void anEmptyLoginOfSentinelsIsNone() throws ConfigException {
    PoolSettings pool =
        read("""
            cashew.pools.p {
              listen = "a:1"
              nodes = [ { name = n, master = m } ]
              sentinel { addresses = ["s:1"], username = "", password = "" }
            }
            """)
            .pools()
            .get(0);
    assertEquals(Optional.empty(), pool.sentinel().username());
    assertEquals(Optional.empty(), pool.sentinel().password());
  }

  @Test
  void nodeObjectHasKnownKeysOnly() {
    assertProblem(
        "cashew.pools.p { listen = \"a:1\"\n nodes = [ { address = \"a:2\"\n wieght = 2 } ] }",
        3,
        "cashew.pools.p.nodes[0].wieght",
        "unknown key, did you mean 'weight'?",
        "known: address weight name slots");
  }

  @Test
  void nodeNameIsOneWord() {
    assertProblem(
        "cashew.pools.p { listen = \"a:1\"\n nodes = [ { address = \"a:2\"\n name = \"x y\" } ] }",
        3,
        "cashew.pools.p.nodes[0].name",
        "white space");
  }

  @Test
  void twoNodesOfOneNameAreRefusedWithBothLines() {
    assertProblem(
        """
        cashew.pools.p {
          listen = "a:1"
          nodes = [
            "a:6379 same"
            { address = "b:6379", name = same }
          ]
        }
        """,
        5,
        "cashew.pools.p.nodes[1]",
        "two nodes named 'same'",
        "line 4");
  }

  @Test
  void derivedNamesCollideToo() {
    assertProblem(
        "cashew.pools.p { listen = \"a:1\", nodes = [ \"a:6379:1\",\n \"a:6379:2\" ] }",
        2,
        "cashew.pools.p.nodes[1]",
        "two nodes named 'a:6379'");
  }

  /** Key, value, and words of the problem: each value is wrong in its own way. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hash                  | murmr     | unknown hash 'murmr', did you mean 'murmur'? known: one_at_a_time",
        "hash                  | Murmur    | did you mean 'murmur'?",
        "distribution          | ketema    | unknown distribution 'ketema', did you mean 'ketama'?",
        "hash-tag              | `\"{\"`   | must be two characters",
        "hash-tag              | {}        | needs quotes",
        "timeout               | 0s        | must be a duration from 1ms",
        "timeout               | -1s       | must be a duration from 1ms",
        "timeout               | 400       | '400' could be 400ms or 400s",
        "timeout               | soon      | must be a duration",
        "timeout               | 1500us    | whole milliseconds",
        "timeout               | 31d       | to 720h",
        "retry-after           | [1s]      | not a list",
        "connections-per-node  | 0         | from 1 to",
        "connections-per-node  | 1.5       | must be a whole number",
        "points-per-node       | 1         | from 4 to",
        "database              | -1        | from 0 to",
        "database              | 99999999999 | from 0 to",
        "failure-limit         | three     | not 'three'",
        "preconnect            | maybe     | must be true or false",
        "tcp-keepalive         | 1         | must be a duration from 1s to 9h6m7s, with its unit",
        "timeout               | 1e3       | '1e3' could be 1e3ms or 1e3s",
        "tcp-keepalive         | perhaps   | must be a duration from 1s to 9h6m7s",
        "node-tcp-keepalive    | 1500ms    | must be true, false, or a duration in seconds from 1s",
        "admin-commands        | all-node  | did you mean 'all-nodes'? known: refuse all-nodes",
        "backlog               | { a = 1 } | not an object",
        "eject.max-ejected     | 1.5       | must be a number from 0 to 1",
        "eject.max-ejected     | half      | must be a number from 0 to 1",
        "eject.enabled         | 2         | must be true or false",
        "auth.password         | `\"\"`    | must not be empty",
        "node-auth             | nothing   | must be none",
        "node-auth.username    | joe       | has no password",
        "limits.bulk-length    | 5q        | must be a size from 1KiB to 2147483647B",
        "limits.bulk-length    | 5GiB      | must be a size from 1KiB to 2147483647B",
        "limits.arguments      | 1         | from 16",
        "limits                | 5         | must be an object",
        "listen                | `\"a\"`   | has no port",
        "listen                | `\"*:1\"` | write 0.0.0.0",
        "listen                | `\"unix:/a 999\"` | invalid file permission '999'",
        "listen                | `\"a:65536\"` | invalid port",
        "nodes                 | `\"a:1\"` | must be a list of nodes",
        "nodes                 | []        | has no nodes",
      })
  void wrongValueIsRefusedWithLineAndKey(String key, String value, String words) {
    boolean inObject = key.equals("node-auth.username");
    assertProblem(
        poolWith(key + " = " + value),
        4,
        "cashew.pools.sessions." + (inObject ? "node-auth" : key),
        words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hsah = murmur            | hsah            | hash",
        "eject.enable = true      | eject.enable    | eject.enabled",
        "limits.client = 5        | limits.client   | limits.clients",
        "time-out = 1s            | time-out        | timeout",
        "password = x             | password        | auth.password",
        "server { connections = 1 } | server        | preconnect",
      })
  void unknownKeyIsRefusedWithTheNearest(String line, String key, String nearest) {
    String problem = problems(poolWith(line)).get(0).toString();
    String expected =
        "cashew.conf:4: cashew.pools.sessions." + key + ": unknown key, did you mean '";
    assertTrue(problem.startsWith(expected), problem);
    if (!key.equals("server")) {
      assertTrue(problem.startsWith(expected + nearest + "'?"), problem);
    }
  }

  @Test
  void dotInQuotesIsNoPath() {
    assertProblem(
        poolWith("\"eject.enabled\" = true"),
        4,
        "cashew.pools.sessions.eject.enabled",
        "unknown key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "workers       | 0             | from 1 to 1024",
        "workers       | many          | auto, or a whole number",
        "transport     | kqueue        | known: auto epoll io-uring nio",
        "drain-timeout | 5             | '5' could be 5ms or 5s",
        "admin.listen  | no            | has no port",
        "admin.listen  | `\"unix:/a\"` | cannot be a unix socket",
        "wokers        | 1             | did you mean 'workers'? known: workers clients-together transport admin",
        "admin.listn   | 1             | did you mean 'admin.listen'? known: listen token",
        "pools         | 5             | must be an object of pools",
      })
  void wrongValueAtTheTopIsRefused(String key, String value, String words) {
    boolean replaced = key.equals("pools");
    String pools = replaced ? "" : "pools.p { listen = \"a:1\", nodes = [ \"a:2\" ] }";
    assertProblem(
        "cashew {\n  " + key + " = " + value + "\n" + pools + "\n}", 2, "cashew." + key, words);
  }

  @Test
  void fileWithoutCashewIsRefused() {
    assertProblem("", 1, "cashew", "is missing");
  }

  @Test
  void mistypedCashewIsRefused() {
    List<ConfigProblem> problems = problems("cahsew { }");
    assertTrue(
        problems.stream()
            .anyMatch(p -> p.text().startsWith("unknown key, did you mean 'cashew'?")));
  }

  @Test
  void fileWithoutPoolsIsRefused() {
    assertProblem("cashew {\n  pools {}\n}", 2, "cashew.pools", "has no pools");
    assertProblem("\ncashew {}", 2, "cashew.pools", "is missing");
  }

  @Test
  void poolMustBeAnObject() {
    assertProblem("cashew {\n  pools.x = 4\n}", 2, "cashew.pools.x", "must be an object");
  }

  @Test
  void poolWithoutListenOrNodesIsRefusedForBoth() {
    List<ConfigProblem> problems = problems("cashew.pools {\n  x { hash = murmur }\n}");
    assertEquals(
        List.of("cashew.pools.x.nodes", "cashew.pools.x.listen"),
        problems.stream().map(ConfigProblem::key).toList());
    assertTrue(problems.stream().allMatch(problem -> problem.line() == 2));
  }

  @Test
  void poolNameIsOneWord() {
    assertProblem(
        "cashew.pools {\n  \"a b\" { listen = \"a:1\", nodes = [ \"a:2\" ] }\n}",
        2,
        "cashew.pools.\"a b\"",
        "white space");
  }

  @Test
  void twoPoolsCannotListenAtTheSamePlace() {
    assertProblem(
        """
        cashew.pools.a { listen = "h:1", nodes = [ "h:2" ] }
        cashew.pools.b {
          listen = "h:1", nodes = [ "h:2" ] }
        """,
        3,
        "cashew.pools.b.listen",
        "pool 'a' listens");
  }

  @Test
  void poolCannotListenAtTheAdminAddress() {
    assertProblem(
        "cashew.pools.a { listen = \"127.0.0.1:22222\", nodes = [ \"h:2\" ] }",
        1,
        "cashew.pools.a.listen",
        "the admin address");
  }

  @Test
  void poolsKeepTheOrderOfTheFile() throws ConfigException {
    StringBuilder text = new StringBuilder("cashew.pools {\n");
    List<String> names = List.of("zeta", "alpha", "omega", "beta", "kappa", "delta");
    for (int i = 0; i < names.size(); i++) {
      text.append(
          "%s { listen = \"a:%d\", nodes = [ \"a:2\" ] }\n".formatted(names.get(i), 10 + i));
    }
    assertEquals(
        names, read(text.append("}").toString()).pools().stream().map(PoolSettings::name).toList());
  }

  @Test
  void everyProblemOfAFileIsShownInTheOrderOfItsLines() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    """
                    cashew {
                      wokers = 4
                      drain-timeout = 5
                      pools.p {
                        hash = murmr
                        listen = "a"
                        nodes = [
                          "b:1"
                          "b"
                        ]
                        timeout = 0s
                      }
                    }
                    """));
    assertEquals(
        List.of(2, 3, 5, 6, 9, 11), wrong.problems().stream().map(ConfigProblem::line).toList());
    assertEquals(6, wrong.getMessage().lines().count());
    assertTrue(
        wrong
            .getMessage()
            .contains("cashew.conf:5: cashew.pools.p.hash: unknown hash 'murmr', did"));
  }

  @Test
  void syntaxErrorHasItsLine() {
    List<ConfigProblem> problems = problems("cashew {\n  a = 127.0.0.1:5\n}");
    assertEquals(2, problems.get(0).line());
    assertTrue(problems.get(0).text().contains("double quotes"), problems::toString);
  }

  @Test
  void missingSubstitutionHasItsLine() {
    List<ConfigProblem> problems =
        problems("\n" + poolWith("auth.password = ${CASHEW_TEST_NO_SUCH_VARIABLE}"));
    assertEquals(5, problems.get(0).line());
    assertTrue(problems.get(0).text().contains("CASHEW_TEST_NO_SUCH_VARIABLE"));
  }

  @Test
  void environmentIsSubstituted() throws ConfigException {
    String path = System.getenv("PATH");
    assertEquals(Optional.of(new Secret(path)), pool("auth.password = ${PATH}").auth().password());
    assertEquals(
        Optional.empty(),
        pool("auth.password = ${?CASHEW_TEST_NO_SUCH_VARIABLE}").auth().password());
  }

  @Test
  void wrongValueOfTheEnvironmentIsSaidToComeFromThere() {
    assertProblem(
        poolWith("backlog = ${?PATH}"), 1, "cashew.pools.sessions.backlog", "env variables");
  }

  @Test
  void nullLeavesADefault() throws ConfigException {
    assertEquals(1_000, pool("timeout = null").connections().timeoutMillis());
  }

  @Test
  void passwordGoesToTheNodesUnlessToldOtherwise() throws ConfigException {
    Secret secret = new Secret("x");
    assertEquals(
        Optional.of(new NodeAuth(Optional.empty(), secret)),
        pool("auth.password = x").auth().nodeAuth());
    assertEquals(Optional.empty(), pool("auth.password = x, node-auth = none").auth().nodeAuth());
    assertEquals(
        Optional.of(new NodeAuth(Optional.empty(), new Secret("y"))),
        pool("auth.password = x, node-auth.password = y").auth().nodeAuth());
    assertEquals(
        Optional.of(secret), pool("auth.password = x, node-auth = none").auth().password());
  }

  private static final String SECRET_SHA256 =
      "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

  @Test
  void usersAreKeptAsRedisPrintsThem() throws ConfigException {
    List<UserSettings> users =
        pool("auth.users { bob { rules = \"on ~b:* +@read\", password = secret }, "
                + "alice { rules = \"ON nopass +GET (+set ~a)\" }, "
                + "\"a.b\" { rules = off, password-sha256 = "
                + SECRET_SHA256
                + " } }")
            .auth()
            .users();
    assertEquals(
        List.of(
            new UserSettings(
                "a.b", "off sanitize-payload #" + SECRET_SHA256 + " resetchannels -@all"),
            new UserSettings(
                "alice",
                "on nopass sanitize-payload resetchannels -@all +get (~a resetchannels -@all +set)"),
            new UserSettings(
                "bob",
                "on sanitize-payload #" + SECRET_SHA256 + " ~b:* resetchannels -@all +@read")),
        users);
    assertFalse(users.toString().contains("2bb8"), users::toString);
    assertEquals(List.of(), pool("").auth().users());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "alice.rules = 'on +nope'; .alice.rules; Unknown command or category name in ACL",
        "alice.rules = 'on +nope'; .alice.rules; rule '+nope'",
        "alice.rules = 'on ~* ~x'; .alice.rules; Try 'resetkeys'",
        "alice.rules = 'on (+get'; .alice.rules; Unmatched parenthesis",
        "alice.rules = ''; .alice.rules; must not be empty",
        "alice { }; .alice.rules; is missing",
        "alice { rules = on, pasword = hunter2 }; .alice.pasword; did you mean 'password'?",
        "alice = hunter2; .alice; must be an object",
        "alice { rules = on, password-sha256 = hunter2 }; .alice.password-sha256; 64 lower-case",
        "alice.rules = 'on #hunter2'; .alice.rules; exactly 64 characters",
        "alice.rules = 'on >my hunter2'; .alice.rules; Syntax error",
        "'a b'.rules = on; .'a b'; white space"
      })
  void wrongUsersHaveAPlace(String user, String key, String words) {
    String line = "auth.users { " + user.replace('\'', '"') + " }";
    assertProblem(
        poolWith(line), 4, "cashew.pools.sessions.auth.users" + key.replace('\'', '"'), words);
    assertFalse(problems(poolWith(line)).toString().contains("hunter2"));
  }

  @Test
  void theDefaultUserHasOnePlaceForItsPassword() {
    assertProblem(
        poolWith("auth { password = x, users.default.rules = \"on ~* &* +@all\" }"),
        4,
        "cashew.pools.sessions.auth.password",
        "node-auth");
  }

  @Test
  void slotsImplyTheHashAndTagOfRedisCluster() throws ConfigException {
    PoolSettings pool = pool("distribution = slots");
    assertEquals("crc16", pool.placement().hash().name());
    assertEquals(Optional.of(HashTag.of("{}")), pool.placement().hashTag());
    assertEquals(
        Optional.empty(), pool("distribution = slots, hash-tag = none").placement().hashTag());
  }

  @Test
  void shardedJedisImpliesItsHash() throws ConfigException {
    PlacementSettings placement = pool("distribution = sharded-jedis").placement();
    assertEquals("murmur", placement.hash().name());
    assertEquals(JedisPointNames.FROM_2_10, placement.pointNames());
    assertEquals("md5", pool("distribution = sharded-jedis, hash = md5").placement().hash().name());
    assertEquals(
        JedisPointNames.UP_TO_2_9,
        pool("distribution = sharded-jedis, sharded-jedis-points = \"2.9\"")
            .placement()
            .pointNames());
  }

  @Test
  void aNodeIsNamedByWhatTheFileSaysAndNotByHowItReads() throws ConfigException {
    List<NodeSettings> nodes =
        poolOfNodes(
                "\"h:1\", \"h:2:1 h:2\", { address = \"h:3\" }, { address = \"h:4\", name = \"h:4\" }")
            .nodes();
    assertEquals(
        List.of(false, true, false, true), nodes.stream().map(NodeSettings::named).toList());
  }

  @Test
  void whatShardedJedisHasNotIsRefused() {
    assertProblem(
        poolWith("distribution = sharded-jedis, hash = fnv1a_64"),
        4,
        "cashew.pools.sessions.hash",
        "must be murmur or md5 with distribution = sharded-jedis, not 'fnv1a_64'");
    assertProblem(
        poolWith("distribution = sharded-jedis, points-per-node = 162"),
        4,
        "cashew.pools.sessions.points-per-node",
        "160 points times the weight");
    assertProblem(
        poolWith("sharded-jedis-points = \"2.9\""),
        4,
        "cashew.pools.sessions.sharded-jedis-points",
        "has no use without distribution = sharded-jedis");
    assertProblem(
        poolWith("distribution = sharded-jedis, sharded-jedis-points = \"3\""),
        4,
        "cashew.pools.sessions.sharded-jedis-points",
        "must be \"2.9\" or \"2.10\"");
  }

  @Test
  void ofNamesWithWeightsItMustBeSaidWhichJedisPlacedThem() throws ConfigException {
    String nodes =
        "cashew.pools.p { listen = \"a:1\", distribution = sharded-jedis, nodes = [%s] %s }";
    assertProblem(
        nodes.formatted("\"h:1:2 one\", \"h:2\"", ""),
        1,
        "cashew.pools.p.sharded-jedis-points",
        "write \"2.9\" if keys were placed by Jedis 2.9 or before");
    assertEquals(
        1,
        read(nodes.formatted("\"h:1:2 one\"", ", sharded-jedis-points = \"2.10\"")).pools().size());
    assertEquals(1, read(nodes.formatted("\"h:1:2\", \"h:2:1 two\"", "")).pools().size());
  }

  @Test
  void aKeyTagIsOneThatAnswersAsJava() throws ConfigException {
    assertEquals(
        "^([^_]+)_", pool("key-tag = \"^([^_]+)_\"").placement().keyTag().orElseThrow().text());
    assertProblem(
        poolWith("key-tag = \"a\""), 4, "cashew.pools.sessions.key-tag", "has no group", "'a'");
    assertProblem(
        poolWith("key-tag = \"(a)(?=b)\""), 4, "cashew.pools.sessions.key-tag", "a look ahead");
    assertProblem(
        poolWith("key-tag = \"(a)\", hash-tag = \"{}\""),
        4,
        "cashew.pools.sessions.key-tag",
        "has no use beside hash-tag");
  }

  @Test
  void slotsWithAnotherHashAreRefused() {
    assertProblem(
        poolWith("distribution = slots, hash = murmur"),
        4,
        "cashew.pools.sessions.hash",
        "must be crc16 with distribution = slots",
        "CRC16 modulo 16384");
  }

  @Test
  void nodesNameTheirSlots() throws ConfigException {
    PoolSettings pool =
        read("""
                cashew.pools.p {
                  listen = "a:1", distribution = slots
                  nodes = [
                    { address = "a:2", slots = [ "0-99", "101 - 16383" ] }
                    { address = "a:3", slots = [ 100 ] }
                  ]
                }
                """)
            .pools()
            .get(0);
    assertEquals(
        List.of(new SlotRange(0, 99), new SlotRange(101, 16383)), pool.nodes().get(0).slots());
    assertEquals(List.of(new SlotRange(100, 100)), pool.nodes().get(1).slots());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "slots | `\"0-16384\"`  | .slots | must be a slot",
        "slots | `\"9-1\"`      | .slots | must be a slot",
        "slots | `\"x\"`        | .slots | must be a slot",
        "slots |                | .slots | has no slots",
        "ketama | 5             | .slots | needs distribution = slots",
      })
  void wrongSlotsAreRefused(String distribution, String slots, String key, String words) {
    assertProblem(
        "cashew.pools.p { listen = \"a:1\", distribution = "
            + distribution
            + "\n nodes = [ { address = \"a:2\", slots = [ "
            + (slots == null ? "" : slots)
            + " ] } ] }",
        2,
        "cashew.pools.p.nodes[0]" + key,
        words);
  }

  @Test
  void slotsWithAGapAreRefused() {
    assertProblem(
        "cashew.pools.p { listen = \"a:1\", distribution = slots\n"
            + " nodes = [ { address = \"a:2\", slots = [ \"0-100\" ] } ] }",
        2,
        "cashew.pools.p.nodes",
        "101 to 16383");
  }

  @Test
  void hardLimitIsNotBelowTheSoftOne() {
    assertProblem(
        poolWith("limits.unsent-per-client-hard = 2KiB"),
        4,
        "cashew.pools.sessions.limits.unsent-per-client-hard",
        "must not be below limits.unsent-per-client (1MiB)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.0.0.0:1 | | false",
        "[::]:1 | | false",
        "0.0.0.0:1 | protected-mode = false | true",
        "0.0.0.0:1 | auth.password = x | true",
        "127.0.0.1:1 | | true",
        "127.8.8.8:1 | | true",
        "[::1]:1 | | true",
        "localhost:1 | | true",
        "unix:/run/cashew.sock | | true",
      })
  void poolThatAnybodyMayUseIsOnThisMachineOnly(String listen, String line, boolean allowed)
      throws ConfigException {
    String text =
        "cashew.pools.p {\n listen = \"%s\"\n nodes = [ \"a:2\" ]\n %s }"
            .formatted(listen, line == null ? "" : line);
    if (allowed) {
      assertEquals(1, read(text).pools().size());
    } else {
      assertProblem(text, 2, "cashew.pools.p.listen", "write auth.password too");
    }
  }

  @Test
  void adminAddressWithoutATokenIsOnThisMachineOnly() throws ConfigException {
    String text =
        "cashew { admin.listen = \"0.0.0.0:1\"\n pools.p { listen = \"a:1\", nodes = [ \"a:2\" ] }"
            + "\n %s }";
    assertProblem(text.formatted(""), 1, "cashew.admin.listen", "write admin.token too");
    assertEquals(
        Optional.of(new Secret("x")), read(text.formatted("admin.token = x")).admin().token());
    assertEquals(
        Optional.empty(), read(text.formatted("admin.protected-mode = no")).admin().token());
  }

  @Test
  void fileIsNamedAsTheUserNamesIt(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("my.conf"), "cashew.pools.p { hush = 1 }");
    ConfigException wrong = assertThrows(ConfigException.class, () -> ConfigFile.read(file));
    assertTrue(wrong.getMessage().startsWith(file + ":1: cashew.pools.p"), wrong.getMessage());
  }

  @Test
  void problemOfAnIncludedFileNamesThatFile(@TempDir Path directory) throws IOException {
    Path inner = Files.writeString(directory.resolve("inner.conf"), "\n\nhush = 1\n");
    Path file =
        Files.writeString(
            directory.resolve("outer.conf"),
            "cashew.pools.p { include \"inner.conf\"\n listen = \"a:1\", nodes = [ \"a:2\" ] }");
    ConfigException wrong = assertThrows(ConfigException.class, () -> ConfigFile.read(file));
    assertEquals(
        inner + ":3", wrong.problems().get(0).file() + ":" + wrong.problems().get(0).line());
  }

  @Test
  void missingFileIsSaidToBeMissing(@TempDir Path directory) {
    ConfigException missing =
        assertThrows(
            ConfigException.class, () -> ConfigFile.read(directory.resolve("nothing.conf")));
    assertTrue(missing.getMessage().endsWith("nothing.conf: there is no such file"));
    ConfigException folder = assertThrows(ConfigException.class, () -> ConfigFile.read(directory));
    assertTrue(folder.getMessage().endsWith("it is a directory"));
  }

  @Test
  void passwordDoesNotShowInSettings() throws ConfigException {
    assertFalse(pool("auth.password = swordfish").toString().contains("swordfish"));
    assertFalse(
        read("cashew { admin.token = swordfish, pools.p { listen = \"a:1\", nodes = [ \"a:2\" ] } }")
            .toString()
            .contains("swordfish"));
  }

  @Test
  void commandsOfOnesOwnAreRead() throws ConfigException {
    PoolSettings pool =
        pool(
            "commands { \"My.Mget\" = { first-key = 1, last-key = -2, arity = -3, writes = false },"
                + " plain = {}, mset2 = { first-key = 1, last-key = -1, key-step = 2 },"
                + " two { first-key = 2, last-key = 3 }, \"json.get\" = { first-key = 1 } }");
    assertEquals(
        List.of(
            new DeclaredCommand("json.get", -2, 1, 1, 1, true),
            new DeclaredCommand("mset2", -2, 1, -1, 2, true),
            new DeclaredCommand("my.mget", -3, 1, -2, 1, false),
            new DeclaredCommand("plain", -1, 0, 0, 1, true),
            new DeclaredCommand("two", -4, 2, 3, 1, true)),
        pool.commands().declared());
    assertEquals(List.of(), pool("").commands().declared());
    assertEquals(
        List.of("my", "my|get"),
        pool("commands { my = { arity = -2 }, \"my|get\" = { first-key = 2 } }")
            .commands()
            .declared()
            .stream()
            .map(DeclaredCommand::name)
            .toList());
  }

  @Test
  void commandsThatCannotBeAreRefusedWithTheirPlace() {
    String commands = "cashew.pools.sessions.commands";
    assertProblem(
        poolWith("commands { \"get\" = { first-key = 1 } }"),
        4,
        commands + ".get",
        "a command of Redis itself");
    assertProblem(
        poolWith("commands { \"client|id\" = {} }"),
        4,
        commands + ".\"client|id\"",
        "a command of Redis itself");
    assertProblem(
        poolWith("commands { my.cmd = { first-key = 1 } }"),
        4,
        commands + ".my",
        "needs quotes",
        "\"my.cmd\"");
    assertProblem(
        poolWith("commands { \"my.cmd\" = { firstkey = 1 } }"),
        4,
        commands + ".\"my.cmd\".firstkey",
        "did you mean 'first-key'");
    assertProblem(
        poolWith("commands { \"my.cmd\" = { first-key = 1, arity = 1 } }"),
        4,
        commands + ".\"my.cmd\"",
        "arity 1");
    assertProblem(
        poolWith("commands { \"my.cmd\" = { first-key = 3, last-key = 1 } }"),
        4,
        commands + ".\"my.cmd\"",
        "no keys from 3 to 1");
    assertProblem(
        poolWith("commands { \"my.cmd\" = { last-key = -1 } }"),
        4,
        commands + ".\"my.cmd\".last-key",
        "needs a first-key");
    assertProblem(
        poolWith("commands { \"my.cmd\" = { key-step = 0 } }"),
        4,
        commands + ".\"my.cmd\".key-step",
        "from 1 to");
    assertProblem(
        poolWith("commands { \"a b\" = { } }"), 4, commands + ".\"a b\"", "not a command's name");
    assertProblem(
        poolWith("commands { \"nobody|home\" = { } }"),
        4,
        commands,
        "there is no command 'nobody'");
    assertProblem(
        poolWith("commands { \"My\" = { }, \"my\" = { } }"), 4, commands + ".my", "declared twice");
    assertProblem(poolWith("commands { \"my\" = 1 }"), 4, commands + ".my", "must be an object");
    assertProblem(poolWith("commands = 7"), 4, commands, "must be an object of commands");
  }

  @Test
  void aPoolOfMemcachedServersHasNothingOfRedis() throws ConfigException {
    String nodes = "listen = \"127.0.0.1:1\", nodes = [\"127.0.0.1:11211\"]";
    PoolSettings pool =
        HoconReader.read(
                "cashew.pools.p { protocol = memcached, missing-on-failure = true, "
                    + "limits.value-length = 2MiB, cache.rules = [{ match = \"a*\", rate = \"5/s\", "
                    + "near = 1s, missing = 1s, ttl-jitter = 10% }], cache.memory = 1MiB, "
                    + nodes
                    + " }",
                "test")
            .pools()
            .get(0);
    assertTrue(pool.protocol().isMemcached());
    assertTrue(pool.protocol().missingOnFailure());
    assertEquals(2 << 20, pool.protocol().valueLength());
    for (String wrong :
        List.of(
            "protocol = memcached, auth.password = x",
            "protocol = memcached, database = 3",
            "protocol = memcached, read-from = any",
            "protocol = memcached, cache.rules = [{ match = \"a*\", near = 1s, stale = 1s }]",
            "protocol = memcached, cache.rules = [{ match = \"a*\", collapse = true }]",
            "protocol = memcached, cache.rules = [{ match = \"a*\", guard = existing }]",
            "missing-on-failure = true",
            "limits.value-length = 2MiB")) {
      ConfigException refused =
          assertThrows(
              ConfigException.class,
              () -> HoconReader.read("cashew.pools.p { " + wrong + ", " + nodes + " }", "test"),
              wrong);
      assertTrue(String.valueOf(refused.getMessage()).contains("protocol"), wrong);
    }
  }
}
