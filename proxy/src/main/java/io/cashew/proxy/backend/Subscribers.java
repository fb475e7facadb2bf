package io.cashew.proxy.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Those that listen to one node on one worker: for the clients of its pool, and of each pool whose
 * routes lead there. Confined to the worker.
 */
final class Subscribers {
  private final List<Subscriber> all = new ArrayList<>();

  void add(Subscriber subscriber) {
    all.add(subscriber);
  }

  void remove(Subscriber subscriber) {
    boolean known = all.remove(subscriber);
    assert known;
  }

  void each(Consumer<Subscriber> does) {
    for (int i = 0; i < all.size(); i++) {
      does.accept(all.get(i));
    }
  }

  void onTick(long tickMillis) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).onTick(tickMillis);
    }
  }

  /** Whether none is owed a message that was published before it was asked for. */
  boolean oweNothing() {
    return all.stream().allMatch(Subscriber::owesNothing);
  }
}
