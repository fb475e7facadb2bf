package io.cashew.proxy.integration;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends pipelines for keys that nobody else writes: so it knows each reply. What it
 * knows changes as replies come, which are in the order of the requests.
 */
final class SlotMovesClient {
  private static final String INCREMENTS =
      "redis.call('INCR', KEYS[1]) return redis.call('INCRBY', KEYS[2], ARGV[1])";

  private static final int LARGE = 40_000;

  private final String name;
  private final List<String> tags;
  private final RawClient client;
  private final Consumer<String> wrong;
  private final Random random;

  /** What each key has: a string, a number, or the length of a list. */
  private final Map<String, Object> model = new HashMap<>();

  private final Map<String, List<String>> lists = new HashMap<>();

  /** The entries of each stream: its id, and its only field and value. */
  private final Map<String, List<List<Object>>> streams = new HashMap<>();

  private final ByteArrayOutputStream requests = new ByteArrayOutputStream();
  private final List<Expected> expected = new ArrayList<>();
  private long unique;
  private long replies;

  private record Expected(String request, Consumer<@Nullable Object> check) {}

  /**
   * Connects.
   *
   * @param tags hash tags of the slots that it uses
   * @param wrong hears of each reply that is not as it has to be
   */
  SlotMovesClient(String name, List<String> tags, int port, long seed, Consumer<String> wrong) {
    this.name = name;
    this.tags = tags;
    this.wrong = wrong;
    client = new RawClient(port);
    random = new Random(seed);
  }

  /** How many replies were looked at. */
  long replies() {
    return replies;
  }

  private String key(String what) {
    return tags.get(random.nextInt(tags.size())) + name + what;
  }

  private void request(Consumer<@Nullable Object> check, String... words) {
    requests.writeBytes(RawClient.request(words));
    String text = String.join(" ", words);
    expected.add(new Expected(text.length() > 200 ? text.substring(0, 200) : text, check));
  }

  /** Expects the reply that the model has when it comes. */
  private void request(ReplyOf reply, String... words) {
    int place = expected.size();
    request(
        said -> {
          Object right = reply.now();
          if (!Objects.equals(said, right)) {
            wrong.accept(
                "%s: %s is answered %s, not %s"
                    .formatted(name, expected.get(place).request(), shortly(said), shortly(right)));
          }
        },
        words);
  }

  private static String shortly(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() > 200 ? text.substring(0, 200) : text;
  }

  private interface ReplyOf {
    @Nullable Object now();
  }

  private long add(String key, long by) {
    return (Long) model.compute(key, (k, now) -> (now == null ? 0L : (Long) now) + by);
  }

  private @Nullable Object set(String key, String value) {
    model.put(key, value);
    return "OK";
  }

  /** Sends some requests at once and looks at all replies. */
  void batch() {
    int count = 4 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      one();
    }
    flush();
  }

  private void flush() {
    client.write(requests.toByteArray());
    requests.reset();
    for (Expected each : expected) {
      each.check().accept(client.read());
      replies++;
    }
    expected.clear();
  }

  private void one() {
    switch (random.nextInt(14)) {
      case 0, 1 -> {
        String key = key("n");
        request(() -> add(key, 1), "INCR", key);
      }
      case 2 -> push();
      case 3 -> {
        String key = key("s");
        boolean large = random.nextInt(20) == 0;
        String value = name + ":" + unique++ + (large ? "x".repeat(LARGE) : "");
        request(() -> set(key, value), "SET", key, value);
      }
      case 4 -> {
        String key = key("s");
        request(() -> model.get(key), "GET", key);
      }
      case 5, 6 -> severalOfOneSlot();
      case 7 -> severalSlots();
      case 8 -> {
        String key = key("e");
        request(
            () -> {
              add(key, 1);
              return add(key + "2", 7);
            },
            "EVAL",
            INCREMENTS,
            "2",
            key,
            key + "2",
            "7");
      }
      case 9 -> {
        String key = key("e");
        request(() -> add(key, 1), "INCR", key);
        request(() -> Arrays.asList(text(key), text(key + "2")), "MGET", key, key + "2");
      }
      case 10 -> transaction(false);
      case 11 -> transaction(true);
      case 12 -> stream();
      default -> {
        String key = key("n");
        request(() -> text(key), "GET", key);
      }
    }
  }

  private @Nullable String text(String key) {
    Object now = model.get(key);
    return now == null ? null : now.toString();
  }

  private void push() {
    String key = key("l");
    String value = name + ":" + unique++;
    request(
        () -> {
          List<String> list = lists.computeIfAbsent(key, k -> new ArrayList<>());
          list.add(value);
          return (long) list.size();
        },
        "RPUSH",
        key,
        value);
  }

  /** Adds an entry, whose id is behind the last one's, or looks at the newest. */
  private void stream() {
    String key = key("x");
    List<List<Object>> entries = streams.computeIfAbsent(key, k -> new ArrayList<>());
    if (random.nextBoolean()) {
      request(
          () -> entries.isEmpty() ? List.of() : List.of(entries.get(entries.size() - 1)),
          "XREVRANGE",
          key,
          "+",
          "-",
          "COUNT",
          "1");
      return;
    }
    String value = name + ":" + unique++;
    request(
        said -> {
          if (!(said instanceof String id) || (!entries.isEmpty() && !isBehind(id, entries))) {
            wrong.accept(name + ": XADD " + key + " is answered " + said + " behind " + entries);
          } else {
            entries.add(List.of(id, List.of("v", value)));
          }
        },
        "XADD",
        key,
        "*",
        "v",
        value);
  }

  private static boolean isBehind(String id, List<List<Object>> entries) {
    String[] last = ((String) entries.get(entries.size() - 1).get(0)).split("-", -1);
    String[] next = id.split("-", -1);
    int byTime = Long.compare(Long.parseLong(next[0]), Long.parseLong(last[0]));
    return byTime > 0 || (byTime == 0 && Long.parseLong(next[1]) > Long.parseLong(last[1]));
  }

  private void severalOfOneSlot() {
    String a = key("a");
    String b = a + "b";
    if (random.nextBoolean()) {
      String value = name + ":" + unique++;
      request(
          () -> {
            set(a, value + "a");
            return set(b, value + "b");
          },
          "MSET",
          a,
          value + "a",
          b,
          value + "b");
    } else {
      request(() -> Arrays.asList(model.get(a), model.get(b)), "MGET", a, b);
    }
    if (random.nextInt(3) == 0) {
      String value = name + ":" + unique++;
      request(() -> set(a, value), "SET", a, value);
    }
  }

  private void severalSlots() {
    String a = key("s");
    String b = key("a");
    String c = key("n");
    request(() -> Arrays.asList(model.get(a), model.get(b), text(c)), "MGET", a, b, c);
  }

  private void transaction(boolean watching) {
    String key = key("t");
    if (watching) {
      request(() -> "OK", "WATCH", key);
      request(() -> text(key), "GET", key);
    }
    request(() -> "OK", "MULTI");
    request(() -> "QUEUED", "INCR", key);
    request(() -> "QUEUED", "INCRBY", key, "10");
    request(
        said -> {
          boolean isAborted =
              (watching && said == null)
                  || (said instanceof ErrorReply error && error.text().startsWith("EXECABORT "));
          if (isAborted) {
            return; // it may, and nothing of it is executed: what comes later tells
          }
          Object right = List.of(add(key, 1), add(key, 10));
          if (!right.equals(said)) {
            wrong.accept(name + ": EXEC for " + key + " is answered " + said + ", not " + right);
          }
        },
        "EXEC");
  }

  /** Compares all that there is with what it has to be, and leaves. */
  void end() {
    model.keySet().forEach(key -> request(() -> text(key), "GET", key));
    lists.forEach((key, list) -> request(() -> list, "LRANGE", key, "0", "-1"));
    streams.forEach((key, entries) -> request(() -> entries, "XRANGE", key, "-", "+"));
    flush();
    client.close();
  }
}
