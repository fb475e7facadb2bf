package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient.ErrorReply;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Clients whose every value is written once, each to a list of its own: what the lists have at the
 * end is compared with what the clients were told. For one thread, beside those of the clients.
 */
public final class ListWriters implements AutoCloseable {
  private final Supplier<RawClient> connect;
  private final List<Writer> writers = new ArrayList<>();
  private final List<CompletableFuture<Void>> running = new ArrayList<>();
  private volatile boolean over;

  /** Of clients that are connected, and connected again when they were closed. */
  public ListWriters(Supplier<RawClient> connect) {
    this.connect = connect;
  }

  /**
   * Lets one begin.
   *
   * @param promise asked before values are sent; what it gives is asked when they are acknowledged:
   *     whether they may not be lost
   */
  public Writer begin(String key, Supplier<BooleanSupplier> promise) {
    Writer writer = new Writer(key, promise);
    writers.add(writer);
    running.add(CompletableFuture.runAsync(writer, task -> new Thread(task, "writer").start()));
    return writer;
  }

  /** Waits until each has had so many values more acknowledged. */
  public void awaitMore(int seconds, int values) {
    List<Integer> before = writers.stream().map(each -> each.acknowledged.get()).toList();
    Await.until(
        seconds,
        () -> "each writer goes on: " + writers.stream().map(each -> each.errors).toList(),
        () -> {
          for (int i = 0; i < writers.size(); i++) {
            if (writers.get(i).acknowledged.get() < before.get(i) + values) {
              return false;
            }
          }
          return true;
        });
  }

  /** Lets all of them end. */
  public void end() {
    over = true;
    running.forEach(Await::result);
  }

  /** Has them end when their connections do. */
  @Override
  public void close() {
    over = true;
  }

  /** Appends numbers, two in a pipeline. One thread. */
  public final class Writer implements Runnable {
    private final String key;
    private final Supplier<BooleanSupplier> promise;
    private final AtomicInteger acknowledged = new AtomicInteger();

    /** Those that must not be lost. */
    private final Set<Integer> kept = new HashSet<>();

    private final Set<Integer> refused = new HashSet<>();
    private final List<String> errors = new ArrayList<>();
    private int next = 1;

    private Writer(String key, Supplier<BooleanSupplier> promise) {
      this.key = key;
      this.promise = promise;
    }

    /** What it was told in place of acknowledgements; once it has ended. */
    public List<String> errors() {
      return errors;
    }

    @Override
    public void run() {
      while (!over) {
        try (RawClient client = connect.get()) {
          while (!over) {
            writeTwo(client);
          }
        } catch (UncheckedIOException e) {
          errors.add("closed: " + e.getCause());
        }
      }
    }

    private void writeTwo(RawClient client) {
      BooleanSupplier isKept = promise.get();
      int first = next;
      next += 2;
      client.write(RawClient.request("RPUSH", key, "" + first));
      client.write(RawClient.request("RPUSH", key, "" + (first + 1)));
      for (int number = first; number < first + 2; number++) {
        Object reply = client.read();
        if (reply instanceof Long) {
          acknowledged.incrementAndGet();
          if (isKept.getAsBoolean()) {
            kept.add(number);
          }
        } else {
          String text = reply instanceof ErrorReply error ? error.text() : "" + reply;
          errors.add(text);
          if (!text.contains("may have been executed")) {
            refused.add(number);
          }
        }
      }
    }

    /** Nothing was lost, doubled or reordered, and nothing done that was refused. */
    public void check(RawClient client) {
      List<?> list = (List<?>) Objects.requireNonNull(client.send("LRANGE", key, "0", "-1"));
      Set<Integer> found = new HashSet<>();
      int last = 0;
      for (Object each : list) {
        int number = Integer.parseInt("" + each);
        assertTrue(number > last, key + ": " + number + " is behind " + last);
        assertTrue(!refused.contains(number), key + ": " + number + " was refused");
        last = number;
        found.add(number);
      }
      Set<Integer> lost = new HashSet<>(kept);
      lost.removeAll(found);
      assertEquals(Set.of(), lost, key + " has lost what was acknowledged, of " + kept.size());
    }

    /** Of a primary that was killed: what was in flight there may have been executed. */
    public void checkOnlyInFlightFailed() {
      // The kernel may take one more connection for a process that is ending, and reset it.
      assertTrue(errors.size() <= 8, "what was in flight: " + errors);
      checkFailuresAreInDoubt();
    }

    /** No write failed of which it is known that it was not executed. */
    public void checkFailuresAreInDoubt() {
      for (String error : errors) {
        assertTrue(error.contains("may have been executed"), error);
      }
    }
  }
}
