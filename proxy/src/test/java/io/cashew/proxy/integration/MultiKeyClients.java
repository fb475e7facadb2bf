package io.cashew.proxy.integration;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Clients that write, read and delete their own keys, all in one request each, and know each reply.
 */
final class MultiKeyClients {
  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong rounds = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Begins.
   *
   * @param keys beginnings of the keys of each client
   */
  MultiKeyClients(int count, int port, List<String> keys) {
    for (int i = 0; i < count; i++) {
      List<String> its = keys.stream().map(key -> key + "client" + threads.size()).toList();
      Thread thread = new Thread(() -> run(its, port), "client " + i);
      threads.add(thread);
      thread.start();
    }
  }

  /** What was not as it has to be, after a while in which all have been at work. */
  List<String> wrong() {
    long before = rounds.get();
    Await.until("they work", () -> rounds.get() > before + 100 || !wrong.isEmpty());
    return List.copyOf(wrong);
  }

  /** Ends. @return what was not as it has to be */
  List<String> end() throws InterruptedException {
    over.set(true);
    for (Thread thread : threads) {
      thread.join(30_000);
    }
    return List.copyOf(wrong);
  }

  private void run(List<String> keys, int port) {
    try (RawClient client = new RawClient(port)) {
      for (int round = 0; !over.get() && wrong.isEmpty(); round++) {
        String value = "value" + round;
        List<String> values = keys.stream().map(key -> value + key).toList();
        List<String> written =
            IntStream.range(0, keys.size())
                .boxed()
                .flatMap(i -> List.of(keys.get(i), values.get(i)).stream())
                .toList();
        String first = keys.get(0);
        check("OK", client, "MSET", written);
        check(values, client, "MGET", keys);
        // All at once: none must overtake another.
        client.write(request("MSET", written));
        client.write(request("APPEND", List.of(first, "+")));
        client.write(request("MGET", keys.subList(0, 2)));
        check("OK", client.read(), "MSET");
        check((long) values.get(0).length() + 1, client.read(), "APPEND");
        check(List.of(values.get(0) + "+", values.get(1)), client.read(), "MGET");
        check((long) keys.size(), client, "DEL", keys);
        check(0L, client, "EXISTS", keys);
        rounds.incrementAndGet();
      }
    } catch (RuntimeException e) {
      wrong.add(Thread.currentThread().getName() + ": " + e);
    }
  }

  private static byte[] request(String command, List<String> arguments) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(arguments);
    return RawClient.request(words.toArray(String[]::new));
  }

  private void check(Object right, RawClient client, String command, List<String> arguments) {
    client.write(request(command, arguments));
    check(right, client.read(), command);
  }

  private void check(Object right, @Nullable Object said, String command) {
    if (!right.equals(said)) {
      wrong.add(command + " is answered " + said + ", not " + right);
    }
  }
}
