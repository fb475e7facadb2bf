package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.provider.ValueSource;

class NutcrackerReaderTest {

  private static Settings read(String text) throws ConfigException {
    return NutcrackerReader.read(text, "nutcracker.yml");
  }

  /** A pool with one line of its own, on line 4. */
  private static String poolWith(String line) {
    return """
        sessions:
          listen: 127.0.0.1:22121
          redis: true
          %s
          servers:
           - 127.0.0.1:6379:1 alpha
           - 127.0.0.1:6380:1
        """
        .formatted(line);
  }

  private static PoolSettings pool(String line) throws ConfigException {
    return read(poolWith(line)).pools().get(0);
  }

  private static NodeSettings server(String entry) throws ConfigException {
    return read("p:\n listen: a:1\n redis: true\n servers:\n - " + entry + "\n")
        .pools()
        .get(0)
        .nodes()
        .get(0);
  }

  private static void assertProblem(String text, int line, String... words) {
    List<ConfigProblem> problems = assertThrows(ConfigException.class, () -> read(text)).problems();
    assertEquals(1, problems.size(), problems::toString);
    String problem = problems.get(0).toString();
    String place = line == 0 ? "nutcracker.yml: " : "nutcracker.yml:" + line + ": ";
    assertTrue(problem.startsWith(place), problem);
    for (String word : words) {
      assertTrue(problem.contains(word), problem);
    }
  }

  @Test
  void defaultsAreThoseOfTwemproxy() throws ConfigException {
    Settings settings = read(poolWith("# nothing"));
    assertEquals(Optional.of(new Address.Tcp("127.0.0.1", 22222)), settings.admin().listen());
    PoolSettings pool = settings.pools().get(0);
    assertEquals("sessions", pool.name());
    assertEquals(new Address.Tcp("127.0.0.1", 22121), pool.listen());
    assertEquals("fnv1a_64", pool.placement().hash().name());
    assertEquals(Optional.empty(), pool.placement().hashTag());
    assertEquals("ketama", pool.placement().distribution().name());
    assertEquals(160, pool.placement().pointsPerNode());
    assertEquals(0, pool.connections().timeoutMillis());
    assertEquals(512, pool.clients().backlog());
    assertEquals(
        List.of(300, 300),
        List.of(pool.clients().keepaliveSeconds(), pool.connections().keepaliveSeconds()));
    assertEquals(1, pool.connections().perNode());
    assertFalse(pool.connections().preconnect());
    assertEquals(0, pool.connections().database());
    assertEquals(2, pool.health().failureLimit());
    assertEquals(30_000, pool.health().retryAfterMillis());
    assertEquals(new EjectSettings(false, 0.5, EjectRing.REBUILD), pool.health().eject());
    assertEquals(Optional.empty(), pool.auth().password());
    assertEquals(Optional.empty(), pool.auth().nodeAuth());
    assertEquals(LimitSettings.DEFAULT, pool.limits());
    assertEquals(
        List.of(
            new NodeSettings("alpha", new Address.Tcp("127.0.0.1", 6379), 1, List.of()),
            new NodeSettings("127.0.0.1:6380", new Address.Tcp("127.0.0.1", 6380), 1, List.of())),
        pool.nodes());
  }

  @Test
  void everyDirectiveIsReadInAnyOrder() throws ConfigException {
    PoolSettings pool =
        read("""
                p:
                  servers:
                  - 127.0.0.1:6379:3 alpha
                  server_failure_limit: 4
                  server_retry_timeout: 2000
                  server_connections: 2
                  auto_eject_hosts: "true"
                  preconnect: true
                  redis_db: 5
                  redis_auth: swordfish
                  tcpkeepalive: false
                  redis: true
                  client_connections: 77
                  backlog: 0128
                  timeout: 400
                  distribution: modula
                  hash_tag: "{}"
                  hash: murmur
                  listen: /tmp/cashew.sock 0660
                """)
            .pools()
            .get(0);
    assertEquals(4, pool.health().failureLimit());
    assertEquals(2_000, pool.health().retryAfterMillis());
    assertEquals(2, pool.connections().perNode());
    assertTrue(pool.health().eject().enabled());
    assertTrue(pool.connections().preconnect());
    assertEquals(5, pool.connections().database());
    assertEquals(Optional.of(new Secret("swordfish")), pool.auth().password());
    assertEquals(
        Optional.of(new NodeAuth(Optional.empty(), new Secret("swordfish"))),
        pool.auth().nodeAuth());
    assertEquals(
        List.of(0, 300),
        List.of(pool.clients().keepaliveSeconds(), pool.connections().keepaliveSeconds()));
    assertEquals(77, pool.limits().clients());
    assertEquals(128, pool.clients().backlog());
    assertEquals(400, pool.connections().timeoutMillis());
    assertEquals("modula", pool.placement().distribution().name());
    assertEquals(Optional.of(HashTag.of("{}")), pool.placement().hashTag());
    assertEquals("murmur", pool.placement().hash().name());
    assertEquals(new Address.Unix("/tmp/cashew.sock", 0660), pool.listen());
    assertEquals(3, pool.nodes().get(0).weight());
  }

  @Test
  void failureLimitOfZeroBehavesLikeOne() throws ConfigException {
    assertEquals(1, pool("server_failure_limit: 0").health().failureLimit());
    assertEquals(1, pool("server_retry_timeout: 0").health().retryAfterMillis());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "127.0.0.1:6379:1      | 127.0.0.1:6379 | 127.0.0.1:6379",
        "10.0.0.1:11211:1      | 10.0.0.1       | 10.0.0.1:11211",
        "127.0.0.1:06379:1     | 127.0.0.1:06379 | 127.0.0.1:6379",
        "10.0.0.1:011211:1     | 10.0.0.1       | 10.0.0.1:11211",
        "10.0.0.1:11211:1 m    | m              | 10.0.0.1:11211",
        "/tmp/a.sock:1         | /tmp/a.sock:   | unix:/tmp/a.sock",
        "/tmp/a.sock:1 u       | u              | unix:/tmp/a.sock",
        "::1:6379:1            | ::1:6379       | [::1]:6379",
        "'[::1]:6379:1'        | [::1]:6379     | [::1]:6379",
        "Cache.Example:6379:0001 | Cache.Example:6379 | Cache.Example:6379",
      })
  void serversAreLabelledAsByTwemproxy(String entry, String label, String address)
      throws ConfigException {
    NodeSettings node = server(entry);
    assertEquals(label, node.name());
    assertEquals(address, node.address().text());
    assertEquals(1, node.weight());
  }

  /** As twemproxy, which knows no variables. */
  @ParameterizedTest
  @ValueSource(strings = {"${PW}", "a${PW}b", "$PW", "${PW", "'${PW}'"})
  void whatLooksLikeAVariableIsAText(String secret) throws ConfigException {
    PoolSettings pool =
        read("p:\n listen: a:1\n redis: true\n redis_auth: " + secret + "\n servers:\n - h:1:1\n")
            .pools()
            .get(0);
    assertEquals(secret.replace("'", ""), pool.auth().password().orElseThrow().value());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "127.0.0.1              | has an invalid \"hostname:port:weight [name]\"",
        "127.0.0.1:1            | has an invalid \"hostname:port:weight [name]\"",
        "127.0.0.1:6379:x       | has an invalid weight",
        "127.0.0.1:6379:-1      | has an invalid weight",
        "127.0.0.1:6379:1 a b   | has an invalid weight",
        "127.0.0.1:6379:0       | has a zero weight",
        "127.0.0.1:0:1          | has an invalid port",
        "127.0.0.1:65536:1      | has an invalid port",
        "127.0.0.1:x:1          | has an invalid port",
        "/tmp/a:b:1             | has an invalid \"hostname:port:weight [name]\"",
        "'127.0.0.1:6379:1 '    | has an empty name",
      })
  void wrongServersAreRefused(String entry, String words) {
    assertProblem(
        "p:\n listen: a:1\n redis: true\n servers:\n - h:1:1\n - " + entry + "\n",
        6,
        "directive \"servers\" " + words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hash: murmr                 | directive \"hash\" is not a valid hash: 'murmr', did you mean 'murmur'? known: one_at_a_time",
        "hash: FNV1A_64              | directive \"hash\" is not a valid hash",
        "distribution: slots         | directive \"distribution\" is not a valid distribution",
        "hash_tag: \"{\"             | directive \"hash_tag\" is not a valid hash tag string with two characters",
        "hash_tag: {}                | directive \"hash_tag\" must be a single value",
        "timeout: 1s                 | directive \"timeout\" is not a number",
        "timeout: -1                 | directive \"timeout\" is not a number",
        "timeout: 2147483648         | directive \"timeout\" is not a number",
        "backlog: many               | directive \"backlog\" is not a number",
        "client_connections: x       | directive \"client_connections\" is not a number",
        "redis_db: one               | directive \"redis_db\" is not a number",
        "server_connections: 0       | directive \"server_connections\" cannot be 0",
        "preconnect: yes             | directive \"preconnect\" is not \"true\" or \"false\"",
        "tcpkeepalive: TRUE          | directive \"tcpkeepalive\" is not \"true\" or \"false\"",
        "auto_eject_hosts: 1         | directive \"auto_eject_hosts\" is not \"true\" or \"false\"",
        "redis_auth:                 | directive \"redis_auth\" has an empty value",
        "server_conections: 1        | directive \"server_conections\" is unknown, did you mean 'server_connections'? known: listen",
        "reuseport: true             | directive \"reuseport\" is unknown",
        "redis: true                 | directive \"redis\" is a duplicate",
      })
  void wrongDirectivesAreRefused(String line, String words) {
    assertProblem(poolWith(line), 4, words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "22121                | has an invalid \"hostname:port\" format string",
        ":22121               | has an invalid \"hostname:port\" format string",
        "127.0.0.1:0          | has an invalid port",
        "127.0.0.1:65536      | has an invalid port",
        "unix:/tmp/x          | has an invalid port",
        "/tmp/x 0999          | has an invalid file permission",
        "/tmp/x 01000         | has an invalid file permission",
      })
  void wrongListenersAreRefused(String listen, String words) {
    assertProblem(
        "p:\n listen: '" + listen + "'\n redis: true\n servers:\n - h:1:1\n",
        2,
        "directive \"listen\" " + words);
  }

  @Test
  void starListensOnLoopback() throws ConfigException {
    assertEquals(
        new Address.Tcp("localhost", 22121),
        read("p:\n listen: '*:22121'\n redis: true\n servers:\n - h:1:1\n")
            .pools()
            .get(0)
            .listen());
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis: false", "# redis is false by default"})
  void whatIsNotRedisIsMemcached(String line) throws ConfigException {
    PoolSettings pool =
        read("p:\n listen: a:1\n " + line + "\n redis_db: 3\n servers:\n - h:11211:1\n")
            .pools()
            .get(0);
    assertEquals(Protocol.MEMCACHED, pool.protocol().protocol());
    assertEquals("h", pool.nodes().get(0).name());
    assertEquals(0, pool.connections().database());
    assertProblem(
        "p:\n listen: a:1\n " + line + "\n redis_auth: x\n servers:\n - h:1:1\n",
        4,
        "directive \"redis_auth:\" is only valid for a redis pool");
  }

  @Test
  void twoServersOfOneNameAreRefused() {
    assertProblem(
        "p:\n listen: a:1\n redis: true\n servers:\n - h:1:1 x\n - h:2:1 x\n",
        6,
        "pool 'p' has two nodes named 'x' (the other on line 5)");
    assertProblem(
        "p:\n listen: a:1\n redis: true\n servers:\n - h:1:1\n - h:1:2\n",
        6,
        "two nodes named 'h:1'");
  }

  @Test
  void twoPoolsOfOneNameAreRefused() {
    String pool = "p:\n listen: a:%d\n redis: true\n servers:\n - h:1:1\n";
    assertProblem(
        pool.formatted(1) + pool.formatted(2), 6, "pools with same name 'p', the other on line 1");
  }

  @Test
  void twoPoolsCannotListenAtTheSamePlace() {
    String pool = "%s:\n listen: a:1\n redis: true\n servers:\n - h:1:1\n";
    assertProblem(pool.formatted("p") + pool.formatted("q"), 7, "also where pool 'p' listens");
  }

  @Test
  void whatAPoolLacksIsNamed() {
    assertProblem(
        "p:\n redis: true\n servers:\n - h:1:1\n",
        1,
        "directive \"listen:\" is missing from pool 'p'");
    assertProblem("p:\n listen: a:1\n redis: true\n", 1, "directive \"servers:\" is missing");
    assertProblem(
        "p:\n listen: a:1\n redis: true\n servers:\n", 4, "\"servers\" has an empty value");
    assertProblem("p:\n listen: a:1\n redis: true\n servers: []\n", 4, "pool 'p' has no servers");
    assertProblem("p: 5\n", 1, "pool 'p' has no directives");
  }

  @Test
  void filesThatAreNoPoolsAreRefused() {
    assertProblem("", 0, "must contain only 1 document; found 0 documents");
    assertProblem("a: {}\n---\nb: {}\n", 0, "found 2 documents");
    assertProblem("- a\n", 1, "must be pools");
    assertProblem("{}\n", 0, "has no pools");
    assertProblem("a:\n\t- b\n", 2, "is not YAML");
  }

  @Test
  void everyProblemOfAFileIsShown() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    """
                    p:
                      listen: a
                      hash: x
                      servers:
                       - h
                       - h:1:1
                      oops: 1
                    """));
    assertEquals(List.of(2, 3, 5, 7), wrong.problems().stream().map(ConfigProblem::line).toList());
  }

  @Test
  void flowStyleIsHarmless() throws ConfigException {
    assertEquals(
        pool("timeout: 5").nodes(),
        read("---\nsessions: { listen: 'a:1', redis: true, timeout: 5,"
                + " servers: ['127.0.0.1:6379:1 alpha', '127.0.0.1:6380:1'] }\n")
            .pools()
            .get(0)
            .nodes());
  }

  @Test
  void extensionDecides(@TempDir Path directory) throws IOException, ConfigException {
    for (String name : List.of("a.yml", "b.yaml", "c.YML")) {
      Path file = Files.writeString(directory.resolve(name), poolWith("hash: md5"));
      assertEquals("md5", ConfigFile.read(file).pools().get(0).placement().hash().name());
    }
    Path hocon = Files.writeString(directory.resolve("a.conf"), poolWith("hash: md5"));
    assertThrows(ConfigException.class, () -> ConfigFile.read(hocon));
  }

  @Test
  void fileThatIsNoTextIsRefused(@TempDir Path directory) throws IOException {
    Path file = Files.write(directory.resolve("a.yml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    ConfigException wrong = assertThrows(ConfigException.class, () -> ConfigFile.read(file));
    assertTrue(wrong.getMessage().contains(":1: is not UTF-8: byte 1 of"), wrong.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "listen: [::1]:22121;2;\"[::1]:22121\"",
        "servers: [ [::1]:6379:1 ];2;\"[::1]:22121\"",
        "servers: [::1]:6379:1;2;\"[::1]:22121\"",
        "hash_tag: {};2;\"{}\"",
        "redis_auth: @bc;2;begins with @ needs quotes",
        "redis_auth: `bc;2;begins with ` needs quotes",
        "redis_auth: %bc;2;begins with % needs quotes",
        "redis_auth: *bc;2;begins with * needs quotes",
        "redis_auth: 'a' b;2;begins with ' needs quotes",
        "redis_auth: [ab;2;begins with [ needs quotes",
        "redis_auth: {ab;2;begins with { needs quotes",
        "redis_auth: !a b;2;put the whole text in quotes",
        "redis_auth: \"\\ud800\";2;",
      })
  void aValueThatNeedsQuotesIsToldSo(String line, int at, String cure) {
    ConfigException wrong =
        assertThrows(ConfigException.class, () -> NutcrackerReader.read("p:\n " + line, "n.yml"));
    assertTrue(
        wrong.problems().stream()
            .anyMatch(
                problem ->
                    problem.line() == at
                        && problem.text().contains(String.valueOf(cure).replace("null", ""))),
        wrong.getMessage());
  }

  @Test
  void aServerInBracketsWithoutQuotesIsToldToBeQuoted() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                NutcrackerReader.read(
                    "p:\n listen: a:1\n redis: true\n servers:\n - a:1:1\n - [::1]:6379:1 b\n",
                    "n.yml"));
    assertEquals(6, wrong.problems().get(0).line());
    assertTrue(wrong.getMessage().contains("\"[::1]:22121\""), wrong.getMessage());
  }
}
