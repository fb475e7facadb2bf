package io.cashew.proxy.command;

import static io.cashew.proxy.command.Requests.frame;
import static io.cashew.proxy.command.Requests.words;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySpecTest {
  private static RealServers servers;

  private final CommandTable table = CommandTable.standard();
  private final KeyPositions positions = new KeyPositions();

  /** Sample requests and the indexes of their keys; every command with movable keys is here. */
  private static final List<String> SAMPLES =
      List.of(
          "GET k: 1",
          "MGET a b c: 1 2 3",
          "MSET a 1 b 2: 1 3",
          "MSETNX a 1 b 2: 1 3",
          "DEL a b: 1 2",
          "RENAME a b: 1 2",
          "SMOVE a b m: 1 2",
          "LMOVE a b LEFT RIGHT: 1 2",
          "BITOP AND d a b: 2 3 4",
          "CMS.MERGE d 2 a b WEIGHTS 1 2: 1 3 4",
          "TDIGEST.MERGE d 1 a OVERRIDE: 1 3",
          "PFMERGE d a b: 1 2 3",
          "SINTERSTORE d a b: 1 2 3",
          "ZRANGESTORE d a 0 -1: 1 2",
          "GEOSEARCHSTORE d a FROMMEMBER m BYRADIUS 1 m: 1 2",
          "BLPOP a b 0: 1 2",
          "BZPOPMIN a b 0: 1 2",
          "BRPOPLPUSH a b 0: 1 2",
          "OBJECT ENCODING k: 2",
          "MEMORY USAGE k: 2",
          "XINFO STREAM k: 2",
          "XGROUP CREATE k g $: 2",
          "WATCH a b: 1 2",
          "EVAL s 2 a b c: 3 4",
          "EVAL s 1 a: 3",
          "EVALSHA s 2 a b: 3 4",
          "EVAL_RO s 1 a b: 3",
          "EVALSHA_RO s 1 a b: 3",
          "FCALL f 2 a b c: 3 4",
          "FCALL_RO f 1 a b: 3",
          "ZUNION 2 a b WITHSCORES: 2 3",
          "ZINTER 2 a b: 2 3",
          "ZDIFF 1 a: 2",
          "ZINTERCARD 2 a b LIMIT 1: 2 3",
          "SINTERCARD 2 a b LIMIT 1: 2 3",
          "SDIFFCARD 2 a b LIMIT 1: 2 3",
          "SUNIONCARD 2 a b APPROX: 2 3",
          "TS.NRANGE 2 a b - + COUNT 1: 2 3",
          "TS.NREVRANGE 1 a - +: 2",
          "TS.READ k $ BLOCK 10 1: 1",
          "BLMOVEM a b LEFT RIGHT 0 COUNT 2: 1 2",
          "ZUNIONSTORE d 2 a b WEIGHTS 1 2: 1 3 4",
          "ZINTERSTORE d 1 a: 1 3",
          "ZDIFFSTORE d 2 a b: 1 3 4",
          "LMPOP 2 a b LEFT: 2 3",
          "ZMPOP 1 a MIN: 2",
          "BLMPOP 0 2 a b LEFT COUNT 3: 3 4",
          "BZMPOP 0 1 a MAX: 3",
          "XREAD STREAMS a 0: 2",
          "XREAD COUNT 1 BLOCK 5 streams a b 0 $: 6 7",
          "XREADGROUP GROUP streams STREAMS STREAMS a b > >: 5 6",
          "XREADGROUP GROUP g c COUNT 1 NOACK STREAMS a >: 8",
          "SORT a: 1",
          "SORT a BY w LIMIT 0 1 GET x DESC ALPHA STORE b: 1 12",
          "SORT a STORE b STORE c: 1 5",
          "SORT a LIMIT STORE STORE BY STORE: 1",
          "SORT_RO a BY w GET #: 1",
          "GEORADIUS a 1 2 3 m ASC: 1",
          "GEORADIUS a 1 2 3 m STORE b: 1 7",
          "GEORADIUS a 1 2 3 m WITHDIST storedist b: 1 8",
          "GEORADIUSBYMEMBER a m 1 m STORE b: 1 6",
          "GEORADIUSBYMEMBER a STORE 1 m COUNT 1: 1",
          "GEORADIUS_RO a 1 2 3 m: 1",
          "MIGRATE h 1 k 0 5: 3",
          "MIGRATE h 1 \"\" 0 5 COPY KEYS a b: 8 9",
          "MIGRATE h 1 \"\" 0 5 AUTH KEYS KEYS a: 9",
          "MIGRATE h 1 \"\" 0 5 AUTH2 KEYS KEYS KEYS a: 10",
          "MSETEX 2 a 1 b 2 EX 3: 2 4",
          "STRALGO LCS KEYS a b: 3 4",
          "STRALGO LCS STRINGS a b:",
          "LCS a b: 1 2",
          "COPY a b DB 1: 1 2",
          "HGETEX k FIELDS 1 f: 1",
          "VADD k FP32 v e: 1",
          "EVAL s 0 a:",
          "PING:",
          "LOLWUT:",
          "SPUBLISH c m:",
          "SUBSCRIBE c:");

  @BeforeAll
  static void start() {
    servers = new RealServers();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  private static String[] request(String sample) {
    return words(sample.substring(0, sample.lastIndexOf(':')));
  }

  private static List<Integer> keys(String sample) {
    return Stream.of(sample.substring(sample.lastIndexOf(':') + 1).split(" "))
        .filter(word -> !word.isEmpty())
        .map(Integer::valueOf)
        .toList();
  }

  private Command command(RequestFrame frame) {
    Command command = table.find(frame);
    assertNotNull(command);
    assertTrue(command.arityMatches(frame.argc()), command.name());
    return command;
  }

  private List<Integer> found() {
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < positions.count(); i++) {
      indexes.add(positions.index(i));
    }
    return indexes;
  }

  @Test
  void keysOfAllSamplesAreFound() {
    for (String sample : SAMPLES) {
      RequestFrame frame = frame(request(sample));
      assertTrue(command(frame).keys(frame, positions), sample);
      assertNull(positions.error());
      assertEquals(keys(sample), found(), sample);
    }
  }

  @Test
  void samplesShowEveryCommandWithMovableKeys() {
    Set<String> shown =
        SAMPLES.stream()
            .map(sample -> command(frame(request(sample))).name())
            .collect(Collectors.toSet());
    for (Command row : table.all()) {
      assertTrue(!row.hasMovableKeys() || shown.contains(row.name()), row.name());
    }
  }

  @Test
  void threeNumbersSayTheSameAsTheSpecs() {
    for (Command row : table.all()) {
      for (int argc = Math.abs(row.arity()); argc < Math.abs(row.arity()) + 6; argc++) {
        if (row.arityMatches(argc) && !row.hasMovableKeys()) {
          String[] arguments = new String[argc];
          Arrays.fill(arguments, "x");
          assertTrue(row.keys(frame(arguments), positions));
          assertEquals(byNumbers(row, argc), found(), row.name());
        }
      }
    }
  }

  private static List<Integer> byNumbers(Command row, int argc) {
    List<Integer> indexes = new ArrayList<>();
    if (row.firstKey() > 0) {
      int last = row.lastKey() < 0 ? argc + row.lastKey() : row.lastKey();
      for (int i = row.firstKey(); i <= last; i += row.keyStep()) {
        indexes.add(i);
      }
    }
    return indexes;
  }

  @Test
  void redisFindsTheSameKeys() {
    for (RawClient redis : all()) {
      for (String sample : SAMPLES) {
        String[] request = request(sample);
        Set<String> expected = new TreeSet<>();
        keys(sample).forEach(index -> expected.add(request[index]));
        Object reply = redis.send(prefixed(request));
        if (reply instanceof List<?> keys) {
          // Redis 6 has another order, looks at AUTH's password, and does not know STORE's place.
          Set<String> theirs = new TreeSet<>();
          keys.forEach(key -> theirs.add(String.valueOf(key)));
          boolean isSix = redis == servers.shipped();
          if (!(isSix && sample.startsWith("MIGRATE") && sample.contains("AUTH"))) {
            assertEquals(expected, theirs, sample);
          }
        } else {
          assertEquals(Set.of(), known(redis, request) ? expected : Set.of(), sample + reply);
        }
      }
    }
  }

  private static boolean known(RawClient redis, String[] request) {
    return redis.send("COMMAND", "INFO", request[0]) instanceof List<?> entries
        && entries.get(0) != null;
  }

  private static List<RawClient> all() {
    List<RawClient> all = new ArrayList<>(servers.sevens());
    all.add(servers.shipped());
    return all;
  }

  private static String[] prefixed(String[] request) {
    return Stream.concat(Stream.of("COMMAND", "GETKEYS"), Stream.of(request))
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EVAL s x | ERR value is not an integer or out of range",
        "EVAL s 01 a | ERR value is not an integer or out of range",
        "EVAL s +1 a | ERR value is not an integer or out of range",
        "EVAL s -0 a | ERR value is not an integer or out of range",
        "EVAL s - a | ERR value is not an integer or out of range",
        "EVAL s \"\" a | ERR value is not an integer or out of range",
        "EVAL s 1x a | ERR value is not an integer or out of range",
        "EVAL s 9223372036854775808 a | ERR value is not an integer or out of range",
        "EVAL s 99999999999999999999 a | ERR value is not an integer or out of range",
        "EVAL s 9223372036854775807 a | ERR Number of keys can't be greater than number of args",
        "EVAL s 4294967297 a | ERR Number of keys can't be greater than number of args",
        "EVAL s 2 a | ERR Number of keys can't be greater than number of args",
        "EVAL s -1 | ERR Number of keys can't be negative",
        "EVAL_RO s -1 | ERR Number of keys can't be negative",
        "ZUNION x a | ERR value is not an integer or out of range",
        "ZUNION 0 a | ERR at least 1 input key is needed for 'zunion' command",
        "ZINTER -1 a | ERR at least 1 input key is needed for 'zinter' command",
        "ZDIFF 2 a | ERR syntax error",
        "ZUNIONSTORE d 0 a | ERR at least 1 input key is needed for 'zunionstore' command",
        "ZUNIONSTORE d 3 a b | ERR syntax error",
        "ZINTERCARD 0 a | ERR at least 1 input key is needed for 'zintercard' command",
        "ZINTERCARD 2 a | ERR syntax error",
        "SINTERCARD x a | ERR numkeys should be greater than 0",
        "SINTERCARD 0 a | ERR numkeys should be greater than 0",
        "SINTERCARD 2 a | ERR Number of keys can't be greater than number of args",
        "LMPOP x a LEFT | ERR numkeys should be greater than 0",
        "LMPOP 0 a LEFT | ERR numkeys should be greater than 0",
        "LMPOP 2 a LEFT | ERR syntax error",
        "LMPOP 9223372036854775807 a LEFT | ERR syntax error",
        "ZMPOP -3 a MIN | ERR numkeys should be greater than 0",
        "BLMPOP 0 2 a LEFT | ERR syntax error",
        "BZMPOP 0 0 a MIN | ERR numkeys should be greater than 0",
        "XREAD COUNT 1 a | ERR syntax error",
        "XREAD COUNT 1 STREAMS | ERR syntax error",
        "XREAD STREAMS a b 0 | ERR Unbalanced XREAD list of streams: for each stream key an ID or"
            + " '$' must be specified.",
        "XREADGROUP GROUP g c STREAMS a b > | ERR Unbalanced XREAD list of streams: for each"
            + " stream key an ID or '$' must be specified.",
      })
  void malformedRequestsGetTheErrorOfRedis(String request, String error) {
    String[] arguments = words(request);
    RequestFrame frame = frame(arguments);
    assertFalse(command(frame).keys(frame, positions));
    assertEquals(error, positions.error());
    for (RawClient seven : servers.sevens()) {
      assertEquals(new ErrorReply(error), seven.send(arguments), request);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FCALL f x | ERR Bad number of keys provided",
        "FCALL f -1 | ERR Number of keys can't be negative",
        "FCALL_RO f 2 a | ERR Number of keys can't be greater than number of args",
      })
  void malformedFunctionCallsGetTheErrorOfRedis(String request, String error) {
    for (RawClient seven : servers.sevens()) {
      seven.send(
          "FUNCTION",
          "LOAD",
          "REPLACE",
          "#!lua name=l\nredis.register_function('f', function() return 1 end)");
    }
    malformedRequestsGetTheErrorOfRedis(request, error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MSETEX x a 1 | ERR invalid numkeys value",
        "MSETEX 0 a 1 | ERR invalid numkeys value",
        "MSETEX 2 a 1 b | ERR wrong number of key-value pairs",
        "MSETEX 4611686018427387904 a 1 | ERR wrong number of key-value pairs",
      })
  void malformedPairsGetTheErrorOfRedisEight(String request, String error) {
    RequestFrame frame = frame(words(request));
    assertFalse(command(frame).keys(frame, positions));
    assertEquals(error, positions.error());
  }

  @Test
  void patternsOfSortAreReported() {
    RequestFrame frame = frame(words("SORT a BY w_* GET # GET o_*->f GET plain STORE b"));
    assertTrue(command(frame).keys(frame, positions));
    assertEquals(List.of(1, 11), found());
    assertEquals(2, positions.patternCount());
    assertEquals(3, positions.pattern(0));
    assertEquals(7, positions.pattern(1));
    RequestFrame other = frame(words("SORT a BY nosort"));
    assertTrue(command(other).keys(other, positions));
    assertEquals(0, positions.patternCount());
  }

  @ParameterizedTest
  @CsvSource({
    "SUBSCRIBE a b, 1 2",
    "PSUBSCRIBE a*, 1",
    "UNSUBSCRIBE, ''",
    "PUNSUBSCRIBE a, 1",
    "SSUBSCRIBE a b, 1 2",
    "SUNSUBSCRIBE a, 1",
    "PUBLISH a m, 1",
    "SPUBLISH a m, 1",
    "PUBSUB NUMSUB a b, 2 3",
    "PUBSUB SHARDNUMSUB a, 2"
  })
  void channelsAreFoundAndAreNoKeys(String request, String indexes) {
    RequestFrame frame = frame(words(request));
    Command command = command(frame);
    assertTrue(command.hasChannels());
    assertEquals(0, command.firstKey());
    assertFalse(command.hasMovableKeys());
    assertTrue(command.keys(frame, positions));
    assertEquals(0, positions.count());
    assertTrue(command.channels(frame, positions));
    assertEquals(keys(":" + indexes), found());
  }

  @Test
  void findingACommandAndItsKeysAllocatesNothing() {
    List<RequestFrame> frames = SAMPLES.stream().map(sample -> frame(request(sample))).toList();
    long found = 0;
    for (int round = 0; round < 2_000; round++) {
      found += findAll(frames);
    }
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int round = 0; round < 2_000; round++) {
      found += findAll(frames);
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(found > 0);
    // Asking for the number allocates, too.
    assertTrue(bytes < 2_000, () -> bytes + " bytes in " + 2_000 * frames.size() + " requests");
  }

  private long findAll(List<RequestFrame> frames) {
    long found = 0;
    for (int i = 0; i < frames.size(); i++) {
      RequestFrame frame = frames.get(i);
      Command command = table.find(frame);
      if (command != null
          && command.arityMatches(frame.argc())
          && command.kind(frame) != Kind.REFUSED
          && command.keys(frame, positions)) {
        found += positions.count();
      }
    }
    return found;
  }

  @Test
  void aThousandKeysAndMoreAreFound() {
    String[] arguments = new String[5003];
    Arrays.fill(arguments, "k");
    arguments[0] = "EVAL";
    arguments[2] = "5000";
    RequestFrame frame = frame(arguments);
    assertTrue(command(frame).keys(frame, positions));
    assertEquals(5000, positions.count());
    assertEquals(5002, positions.index(4999));
  }
}
