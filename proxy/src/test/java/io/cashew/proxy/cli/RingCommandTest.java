package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.KeyMapper;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RingCommandTest {
  private static final int KEYS = 100_000;

  private final Path directory;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  RingCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path config(String settings, String... nodes) throws IOException {
    Path file = directory.resolve("cashew.conf");
    Files.writeString(
        file,
        "cashew { admin.listen = off, pools.p { listen = \"127.0.0.1:1\", hash = murmur, "
            + settings
            + ", nodes = [\""
            + String.join("\", \"", nodes)
            + "\"] } }");
    return file;
  }

  private String run(int status, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StandardStreams streams = new StandardStreams(new ByteArrayInputStream(new byte[0]), out, err);
    assertEquals(
        status,
        CommandLines.of((settings, file) -> 0, streams).execute(arguments),
        err.toString(UTF_8));
    return out.toString(UTF_8);
  }

  private static double percentOf(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertTrue(found.find(), pattern + " in " + text);
    return Double.parseDouble(found.group(1)) / 100;
  }

  /** The part of many keys that each node has, by what routes them in the proxy. */
  private static Map<String, Double> shares(PoolSettings pool, List<NodeSettings> nodes) {
    KeyMapper mapper = mapper(pool, nodes);
    Map<String, Double> shares = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      byte[] key = ("user:" + i).getBytes(UTF_8);
      String node = nodes.get(mapper.nodeFor(key, 0, key.length)).name();
      shares.merge(node, 1.0 / KEYS, Double::sum);
    }
    return shares;
  }

  private static KeyMapper mapper(PoolSettings pool, List<NodeSettings> nodes) {
    Ring ring = Ring.of(pool, nodes);
    return new KeyMapper(
        pool.placement().hash(), pool.placement().hashTag(), ring.spread(), nodes.size());
  }

  private static double moved(
      PoolSettings pool, List<NodeSettings> before, List<NodeSettings> after) {
    KeyMapper from = mapper(pool, before);
    KeyMapper to = mapper(pool, after);
    int moved = 0;
    for (int i = 0; i < KEYS; i++) {
      byte[] key = ("user:" + i).getBytes(UTF_8);
      String was = before.get(from.nodeFor(key, 0, key.length)).name();
      moved += was.equals(after.get(to.nodeFor(key, 0, key.length)).name()) ? 0 : 1;
    }
    return (double) moved / KEYS;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ketama", "modula", "slots"})
  void sharesAndMovesAreThoseOfAHundredThousandKeys(String distribution) throws Exception {
    String hash = distribution.equals("slots") ? "hash = crc16, " : "";
    Path file =
        config(
            hash + "distribution = " + distribution,
            "10.0.0.1:1:1 alpha",
            "10.0.0.2:1:1 beta",
            "10.0.0.3:1:" + (distribution.equals("slots") ? 1 : 2) + " gamma");
    PoolSettings pool = ConfigFile.read(file).pools().get(0);
    String out =
        run(0, "ring", "-c", file.toString(), "--with", "10.0.0.4:1:1 delta", "--without", "beta");
    List<NodeSettings> after = new ArrayList<>(pool.nodes());
    after.remove(1);
    after.add(NodeSettings.of("10.0.0.4:1:1 delta"));
    Map<String, Double> before = shares(pool, pool.nodes());
    before.forEach(
        (name, share) ->
            assertEquals(
                share, percentOf(out, name + " +\\d+ +\\S+ +([\\d.]+)%"), 0.01, name + out));
    shares(pool, after)
        .forEach(
            (name, share) ->
                assertEquals(
                    share, percentOf(out, name + " +\\d+ +\\S+ +\\S+ +([\\d.]+)%"), 0.01, out));
    assertEquals(
        moved(pool, pool.nodes(), after),
        percentOf(out, "([\\d.]+)% of all keys would move"),
        0.01);
    assertTrue(Pattern.compile("delta .*#").matcher(out).find(), out);
  }

  @Test
  void withoutAChangeNothingMovesAndNothingIsSaidOfIt() throws Exception {
    Path file = config("distribution = ketama", "10.0.0.1:1:1 a", "10.0.0.2:1:1 b");
    String out = run(0, "ring", "-c", file.toString());
    assertTrue(out.startsWith("pool 'p': murmur over ketama\n"), out);
    assertTrue(!out.contains("move"), out);
    assertEquals(160, Integer.parseInt(find(out, "a +1 +(\\d+) ")));
  }

  private static String find(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertTrue(found.find(), text);
    return found.group(1);
  }

  @Test
  void thePictureIsXmlWithAnArcForEachNode() throws Exception {
    Path file = config("distribution = ketama", "10.0.0.1:1:1 a<b", "10.0.0.2:1:1 c");
    Path svg = directory.resolve("ring.svg");
    run(0, "ring", "-c", file.toString(), "--svg", svg.toString());
    var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    assertEquals("svg", document.getDocumentElement().getTagName());
    assertTrue(document.getElementsByTagName("path").getLength() > 100);
    assertEquals(2, document.getElementsByTagName("rect").getLength());
  }

  @Test
  void whatCannotBeIsSaid() throws Exception {
    Path file = config("distribution = ketama", "10.0.0.1:1:1 a", "10.0.0.2:1:1 b");
    run(2, "ring", "-c", file.toString(), "--without", "c");
    assertTrue(
        err.toString(UTF_8).contains("there is no node 'c'; there are: a b"), err.toString(UTF_8));
    run(2, "ring", "-c", file.toString(), "--with", "10.0.0.3:1:1 a");
    run(2, "ring", "-c", file.toString(), "--with", "nonsense");
    run(2, "ring", "-c", file.toString(), "--without", "a", "--without", "b");
    Path random = config("distribution = random", "10.0.0.1:1:1 a");
    run(2, "ring", "-c", random.toString());
  }
}
