package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeetingAddressesTest {

  private static Optional<ConfigException> refusal(String listen, String node) {
    String text =
        "cashew.pools.p { protected-mode = false, listen = \""
            + listen
            + "\"\n nodes = [ \"127.0.0.2:1 other\"\n \""
            + node
            + "\" ] }";
    try {
      HoconReader.read(text, "cashew.conf");
      return Optional.empty();
    } catch (ConfigException refused) {
      return Optional.of(refused);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:7000, 127.0.0.1:7000",
    "127.0.0.1:7000, localhost:7000",
    "localhost:7000, 127.0.0.1:7000",
    "127.0.0.1:7000, 0.0.0.0:7000",
    "0.0.0.0:7000, 127.0.0.1:7000",
    "0.0.0.0:7000, 127.9.9.9:7000",
    "0.0.0.0:7000, 0.0.0.0:7000:3 name",
    "0.0.0.0:7000, LOCALHOST:7000",
    "[::]:7000, [::1]:7000",
    "[::]:7000, 127.0.0.1:7000",
    "[::]:7000, 0.0.0.0:7000",
    "[::1]:7000, [0:0::1]:7000",
    "[::1]:7000, [::]:7000",
    "some.host:7000, Some.Host:7000",
    "unix:/run/a.sock, unix:/run/a.sock:1 name",
    "unix:/run/a.sock 0660, unix:/run/./b/../a.sock"
  })
  void aNodeThatIsItsOwnPoolIsRefused(String listen, String node) {
    ConfigException refused = refusal(listen, node).orElseThrow();
    assertEquals(1, refused.problems().size(), refused.getMessage());
    ConfigProblem problem = refused.problems().get(0);
    assertEquals(3, problem.line());
    assertEquals("cashew.pools.p.nodes[1]", problem.key());
    assertTrue(problem.text().startsWith("is the pool itself"), problem::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:7000, 127.0.0.1:7001",
    "127.0.0.1:7000, 127.0.0.2:7000",
    "0.0.0.0:7000, 192.0.2.1:7000",
    "0.0.0.0:7000, [::1]:7000",
    "[::1]:7000, 127.0.0.1:7000",
    "[::1]:7000, 0.0.0.0:7000",
    "0.0.0.0:7000, some.host:7000",
    "127.0.0.1:0, 127.0.0.1:7000",
    "unix:/run/a.sock, unix:/run/b.sock",
    "unix:/run/a.sock, 127.0.0.1:7000"
  })
  void aNodeThatIsElsewhereIsNot(String listen, String node) {
    assertEquals(Optional.empty(), refusal(listen, node).map(Exception::getMessage));
  }

  @Test
  void aSocketIsOneThroughLinksAlsoBeforeItIsThere(@TempDir Path directory) throws Exception {
    Path real = Files.createDirectory(directory.resolve("real"));
    Path linked = Files.createSymbolicLink(directory.resolve("linked"), real);
    Path toFile = Files.createSymbolicLink(directory.resolve("to-file"), Path.of("real/a.sock"));
    for (Path other : List.of(linked.resolve("a.sock"), toFile)) {
      String node = "unix:" + other;
      assertTrue(refusal("unix:" + real.resolve("a.sock"), node).isPresent(), node);
      assertTrue(refusal(node, "unix:" + real.resolve("a.sock")).isPresent(), node);
    }
    assertEquals(
        Optional.empty(),
        refusal("unix:" + real.resolve("b.sock"), "unix:" + toFile).map(Exception::getMessage));
    Path circle = Files.createSymbolicLink(directory.resolve("circle"), Path.of("circle"));
    assertTrue(refusal("unix:" + circle, "unix:" + circle).isPresent());
    assertEquals(
        1,
        MeetingAddresses.oneServer(
                pools("127.0.0.1:7000 unix:" + real + "/s unix:" + linked + "/s").pools().get(0))
            .size());
  }

  @Test
  void anAddressOfThisMachineIsTheListenerOfAllAddresses() throws SocketException {
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        String host = address.getHostAddress();
        assertTrue(
            refusal("[::]:7000", host.contains(":") ? "[" + host + "]:7000" : host + ":7000")
                .isPresent(),
            host);
      }
    }
  }

  @Test
  void aServerOfNutcrackerYmlThatIsItsOwnPoolIsRefused() {
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () ->
                NutcrackerReader.read(
                    "p:\n listen: 0.0.0.0:7000\n redis: true\n servers:\n - a:1:1\n - localhost:7000:1\n",
                    "n.yml"));
    assertEquals(6, refused.problems().get(0).line());
    assertTrue(refused.getMessage().contains("is the pool itself"), refused.getMessage());
  }

  private static Settings pools(String... listenAndNodes) throws ConfigException {
    StringBuilder text = new StringBuilder("cashew {");
    for (int i = 0; i < listenAndNodes.length; i++) {
      String[] parts = listenAndNodes[i].split(" ", 2);
      text.append(
          "\n pools.p%d { listen = \"%s\", nodes = [ %s ] }"
              .formatted(i, parts[0], "\"" + parts[1].replace(" ", "\", \"") + "\""));
    }
    return HoconReader.read(text + "\n}", "cashew.conf");
  }

  @Test
  void poolsThatGoRoundInACircleAreTold() throws ConfigException {
    List<String> circles =
        MeetingAddresses.circles(
            pools(
                "127.0.0.1:7000 127.0.0.1:7001 127.0.0.1:1",
                "127.0.0.1:7001 127.0.0.1:2 localhost:7002",
                "127.0.0.1:7002 0.0.0.0:7000",
                "127.0.0.1:7003 127.0.0.1:7000"));
    assertEquals(1, circles.size(), circles::toString);
    for (String part :
        List.of(
            "node '127.0.0.1:7001' (127.0.0.1:7001) of pool 'p0' is pool 'p1'",
            "of pool 'p1' is pool 'p2'",
            "of pool 'p2' is pool 'p0'")) {
      assertTrue(circles.get(0).contains(part), circles::toString);
    }
    assertEquals(
        List.of(),
        MeetingAddresses.circles(
            pools("127.0.0.1:7000 127.0.0.1:7001", "127.0.0.1:7001 127.0.0.1:1")));
  }

  @Test
  void aNameThatIsThePoolIsFoundWhereNamesAreResolved() throws Exception {
    String name = InetAddress.getLocalHost().getHostName();
    assertEquals(List.of(), MeetingAddresses.selves(pools("127.0.0.1:7000 127.0.0.1:7001")));
    try {
      String address = InetAddress.getByName(name).getHostAddress();
      if (!address.contains(":")) {
        List<String> selves =
            MeetingAddresses.selves(
                pools("127.0.0.1:7001 127.0.0.1:1", address + ":7000 " + name + ":7000"));
        assertEquals(1, selves.size(), selves::toString);
        assertTrue(selves.get(0).startsWith("pool 'p1': node '" + name), selves::toString);
      }
    } catch (UnknownHostException | ConfigException noNameOfItsOwn) {
      return; // or it can be reached from other machines: refused for that
    }
  }

  @Test
  void nodesThatAreOneServerAreFoundByWhatTheyResolveTo() throws ConfigException {
    PoolSettings pool =
        pools("127.0.0.1:7000 127.0.0.1:1 localhost:1 127.0.0.1:2 0.0.0.0:1 unix:/a unix:/./a")
            .pools()
            .get(0);
    assertEquals(
        List.of(List.of("127.0.0.1:1", "localhost:1", "0.0.0.0:1"), List.of("/a:", "/./a:")),
        MeetingAddresses.oneServer(pool).stream()
            .map(nodes -> nodes.stream().map(NodeSettings::name).toList())
            .toList());
  }
}
