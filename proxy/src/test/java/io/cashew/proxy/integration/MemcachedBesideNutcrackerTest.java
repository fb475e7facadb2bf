package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.KeyMapper;
import io.cashew.proxy.config.NutcrackerReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A nutcracker.yml of memcached servers, served by the real twemproxy and by this proxy. */
@Timeout(120)
final class MemcachedBesideNutcrackerTest {
  private static final int KEYS = 300;

  private static String answer(int port, String request) {
    try (RawClient client = new RawClient(port)) {
      client.write(request.getBytes(StandardCharsets.US_ASCII));
      client.halfClose();
      return client.readToEnd();
    }
  }

  private static boolean serves(int port) {
    try {
      return answer(port, "get a\r\n").equals("END\r\n");
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  @Test
  void everyKeyIsWhereNutcrackerPutsIt(@TempDir Path directory) throws Exception {
    InstalledTool nutcracker = InstalledTool.orSkip("nutcracker", "nutcracker");
    List<RealMemcached> nodes = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        nodes.add(RealMemcached.start());
      }
      for (String placing :
          List.of(
              "",
              " hash: murmur\n",
              " distribution: modula\n",
              " hash: md5\n hash_tag: \"{}\"\n")) {
        nodes.forEach(node -> answer(node.port(), "flush_all\r\n"));
        String servers =
            nodes.stream()
                .map(node -> " - 127.0.0.1:" + node.port() + ":" + (1 + nodes.indexOf(node)) + "\n")
                .collect(Collectors.joining());
        int port = FreePorts.next();
        String text = "p:\n listen: 127.0.0.1:%d\n" + placing + " servers:\n" + servers;
        Path file = directory.resolve("nutcracker.yml");
        FileProxy.write(file, text.formatted(port));
        Process process =
            nutcracker.start(
                directory.resolve("out.txt"), "-c", file.toString(), "-s", "" + FreePorts.next());
        try {
          Await.until(() -> "nutcracker serves", () -> serves(port));
          for (int i = 0; i < KEYS; i++) {
            assertEquals("STORED\r\n", answer(port, set(i)));
          }
        } finally {
          process.destroyForcibly().waitFor();
        }
        assertHasAll(directory, text, nodes);
      }
    } finally {
      nodes.forEach(RealMemcached::close);
    }
  }

  private static String key(int i) {
    return i % 3 == 0 ? "{user" + i % 7 + "}:" + i : "key:" + i;
  }

  private static String set(int i) {
    return "set " + key(i) + " 0 0 3\r\n" + (100 + i) + "\r\n";
  }

  private static void assertHasAll(Path directory, String text, List<RealMemcached> nodes)
      throws Exception {
    int port = FreePorts.next();
    Path file = directory.resolve("cashew.yml");
    PoolSettings pool = NutcrackerReader.read(text.formatted(port), "test").pools().get(0);
    KeyMapper mapper = pool.keyMapper();
    try (FileProxy proxy = FileProxy.start(file, text.formatted(port))) {
      assertEquals("p", proxy.view().pools().get(0).name());
      for (int i = 0; i < KEYS; i++) {
        String item = "VALUE " + key(i) + " 0 3\r\n" + (100 + i) + "\r\nEND\r\n";
        assertEquals(item, answer(port, "get " + key(i) + "\r\n"));
        byte[] key = key(i).getBytes(StandardCharsets.US_ASCII);
        String name = pool.nodes().get(mapper.nodeFor(key, 0, key.length)).name();
        RealMemcached home =
            nodes.stream()
                .filter(node -> name.endsWith(":" + node.port()))
                .findFirst()
                .orElseThrow();
        assertTrue(answer(home.port(), "get " + key(i) + "\r\n").startsWith("VALUE"));
      }
    }
  }
}
