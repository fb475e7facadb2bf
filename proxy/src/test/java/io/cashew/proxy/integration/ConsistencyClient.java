package io.cashew.proxy.integration;

import io.cashew.proxy.testing.History;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One client of a {@link ConsistencyRun}: sends pipelines of random requests whose replies all tell
 * what they answer, and notes in the history what came. One thread.
 */
final class ConsistencyClient implements Runnable {
  /** So much is handed on in pieces, and if its node breaks off, the client is closed. */
  private static final String LARGE = "v".repeat(100_000);

  private static final int PIPELINE_MAX = 20;

  /** Counters of different clients and nodes are so far apart. */
  private static final long COUNTER_STEP = 1_000_000;

  /** What is done with a reply. */
  private interface Check {
    /** The reply; an {@link ErrorReply} if the connection has ended instead. */
    void reply(@Nullable Object reply);
  }

  /** A request on its way. */
  private record Sent(String what, boolean faulty, Check check) {}

  private final int id;
  private final ConsistencyRun run;
  private final TestProxy proxy;
  private final History history;
  private final Random random;
  private final boolean large;
  private final AtomicLong budget;
  private final List<History.Register> registers = new ArrayList<>();
  private final List<History.Counter> counters = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private RawClient client;
  private long unique;

  /**
   * A client that has written nothing.
   *
   * @param large whether some of its values are so large that a broken connection of a node ends
   *     its own
   * @param budget pipelines that all clients may still send
   */
  ConsistencyClient(int id, ConsistencyRun run, Random random, boolean large, AtomicLong budget) {
    this.id = id;
    this.run = run;
    this.random = random;
    this.large = large;
    this.budget = budget;
    proxy = run.proxy();
    history = run.history();
    client = proxy.connect();
    Keys keys = Keys.over(ConsistencyRun.NODES);
    for (int node = 0; node < ConsistencyRun.NODES; node++) {
      String tag = "{" + keys.on(node) + "}";
      registers.add(history.new Register("reg:" + id + tag));
      long first = COUNTER_STEP * (ConsistencyRun.NODES * id + node + 1);
      counters.add(history.new Counter("count:" + id + tag, first));
      client.send("SET", "count:" + id + tag, Long.toString(first));
    }
  }

  History.Register register(int node) {
    return registers.get(node);
  }

  @Override
  public void run() {
    while (budget.getAndDecrement() > 0) {
      for (int i = random.nextInt(PIPELINE_MAX); i >= 0; i--) {
        request(random.nextInt(ConsistencyRun.NODES));
      }
      exchange();
    }
  }

  /** Checks what all is at the end, and leaves. */
  void finish() {
    for (int node = 0; node < ConsistencyRun.NODES; node++) {
      History.Register register = registers.get(node);
      register.read(client.send("GET", register.key()), register.lowest());
      counters.get(node).read(client.send("GET", counters.get(node).key()));
    }
    client.close();
  }

  private void exchange() {
    int answered = 0;
    try {
      client.write(bytes.toByteArray());
      for (; answered < sent.size(); answered++) {
        Sent request = sent.get(answered);
        Object reply = client.read();
        if (reply instanceof ErrorReply error && !request.faulty()) {
          history.violated(request.what() + " failed without a fault: " + error.text());
        }
        request.check().reply(reply);
      }
    } catch (UncheckedIOException e) {
      if (!large) {
        history.violated("client " + id + " was cut off: " + e.getCause());
      }
      ErrorReply cutOff = new ErrorReply("ERR closed; the request may have been executed");
      sent.subList(answered, sent.size()).forEach(request -> request.check().reply(cutOff));
      client.close();
      client = proxy.connect();
    }
    sent.clear();
    bytes.reset();
  }

  private void send(boolean faulty, Check check, String... request) {
    bytes.writeBytes(RawClient.request(request));
    sent.add(new Sent(String.join(" ", request), faulty, check));
  }

  private static boolean inDoubt(ErrorReply error) {
    return error.text().endsWith("may have been executed");
  }

  private void expect(Object expected, @Nullable Object reply) {
    if (!(reply instanceof ErrorReply) && !expected.equals(reply)) {
      history.violated(reply + " instead of " + expected);
    }
  }

  private void request(int node) {
    boolean faulty = node < ConsistencyRun.FAULTY_NODES;
    History.Register own = registers.get(node);
    switch (random.nextInt(large ? 11 : 10)) {
      case 0, 1 -> set(faulty, own);
      case 2 -> send(faulty, reply -> read(own, reply, own.lowest()), "GET", own.key());
      case 3 -> {
        History.Register others = run.anyClient(random).register(node);
        long from = others.lowest();
        // Read again behind writes of this pipeline: what is its own is checked by case 2.
        send(faulty, reply -> read(others, reply, from), "GET", others.key());
      }
      case 4 -> increment(faulty, counters.get(node));
      case 5 -> mget();
      case 6 -> mset();
      case 7 -> {
        String echo = "echo " + id + " " + unique++;
        send(false, reply -> expect(echo, reply), "ECHO", echo);
      }
      case 8 -> eval(faulty, own.key());
      case 9 -> transaction(faulty, own, counters.get(node));
      default -> {
        String key = "large:" + own.key();
        send(faulty, reply -> expect("OK", reply), "SET", key, key + LARGE);
        send(faulty, reply -> largeValue(key, reply), "GET", key);
      }
    }
  }

  private void set(boolean faulty, History.Register register) {
    long number = register.begin();
    send(
        faulty,
        reply -> wrote(register, number, reply),
        "SET",
        register.key(),
        register.value(number));
  }

  private void wrote(History.Register register, long number, @Nullable Object reply) {
    if (reply instanceof ErrorReply error) {
      if (inDoubt(error)) {
        register.doubt(number);
      } else {
        register.refuse(number);
      }
    } else {
      expect("OK", reply);
      register.acknowledge(number);
    }
  }

  private void read(History.Register register, @Nullable Object reply, long from) {
    if (!(reply instanceof ErrorReply)) {
      register.read(reply, from);
    }
  }

  private void increment(boolean faulty, History.Counter counter) {
    send(faulty, reply -> incremented(counter, reply), "INCR", counter.key());
  }

  private static void incremented(History.Counter counter, @Nullable Object reply) {
    if (!(reply instanceof ErrorReply error)) {
      counter.acknowledge(reply);
    } else if (inDoubt(error)) {
      counter.doubt();
    }
  }

  private void mget() {
    String[] request = new String[1 + ConsistencyRun.NODES];
    request[0] = "MGET";
    for (int node = 0; node < ConsistencyRun.NODES; node++) {
      request[node + 1] = registers.get(node).key();
    }
    send(
        true,
        reply -> {
          if (reply instanceof List<?> values && values.size() == ConsistencyRun.NODES) {
            for (int node = 0; node < ConsistencyRun.NODES; node++) {
              registers.get(node).read(values.get(node), registers.get(node).lowest());
            }
          } else if (!(reply instanceof ErrorReply)) {
            history.violated("MGET gave " + reply);
          }
        },
        request);
  }

  private void mset() {
    int node = random.nextInt(ConsistencyRun.NODES);
    History.Register one = registers.get(node);
    History.Register two = registers.get((node + 1) % ConsistencyRun.NODES);
    long oneNumber = one.begin();
    long twoNumber = two.begin();
    send(
        true,
        reply -> {
          // Of a failed one, each part may have been sent.
          boolean failed = reply instanceof ErrorReply;
          Object each = failed ? new ErrorReply("ERR parts may have been executed") : reply;
          wrote(one, oneNumber, each);
          wrote(two, twoNumber, each);
        },
        "MSET",
        one.key(),
        one.value(oneNumber),
        two.key(),
        two.value(twoNumber));
  }

  private void eval(boolean faulty, String key) {
    String argument = "eval " + id + " " + unique++;
    send(
        faulty,
        reply -> expect(List.of(key, List.of(argument, 7L)), reply),
        "EVAL",
        "return {KEYS[1],{ARGV[1],7}}",
        "1",
        key,
        argument);
  }

  private void transaction(boolean faulty, History.Register register, History.Counter counter) {
    long number = register.begin();
    send(false, reply -> expect("OK", reply), "MULTI");
    Check queued = reply -> expect("QUEUED", reply);
    send(faulty, queued, "SET", register.key(), register.value(number));
    send(faulty, queued, "INCR", counter.key());
    send(faulty, reply -> executed(register, number, counter, reply), "EXEC");
  }

  private void executed(
      History.Register register, long number, History.Counter counter, @Nullable Object reply) {
    if (reply instanceof ErrorReply error) {
      wrote(register, number, error);
      incremented(counter, error);
    } else if (reply instanceof List<?> replies && replies.size() == 2) {
      wrote(register, number, replies.get(0));
      incremented(counter, replies.get(1));
    } else {
      history.violated("EXEC gave " + reply);
    }
  }

  private void largeValue(String key, @Nullable Object reply) {
    boolean right =
        reply == null
            || reply instanceof ErrorReply
            || (reply instanceof String value
                && value.length() == key.length() + LARGE.length()
                && value.startsWith(key)
                && value.endsWith(LARGE));
    if (!right) {
      history.violated("a large value has changed: " + key);
    }
  }
}
