package io.cashew.proxy.topology;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Knows who the primary of one shard is, and which servers may be its replicas, and says so each
 * time that it changes. Confined to the control thread; it never waits.
 */
public interface PrimaryWatch extends AutoCloseable {
  /** A planned failover takes some three seconds; what lasts longer is for a person to look at. */
  long SETTLE_MILLIS = 10_000;

  /**
   * Who takes the writes of a shard, and who may have copies of it.
   *
   * @param primary its address, as a configuration would write it; empty: nobody is known to
   * @param replicas addresses of servers that are to follow it, in an order that does not change by
   *     itself; whether one does now is not looked at
   * @param why nobody is, as the end of a sentence; empty while somebody is
   * @param isBeingReplaced whether another server is about to take over: what the primary takes
   *     from now on may be lost
   */
  record Found(
      Optional<String> primary, List<String> replicas, String why, boolean isBeingReplaced) {
    public Found {
      replicas = List.copyOf(replicas);
    }

    /** Somebody takes them, and no replica is known. */
    public static Found at(String address) {
      return new Found(Optional.of(address), List.of(), "", false);
    }

    /** Nobody does, and no replica is known. */
    public static Found nobody(String why) {
      return new Found(Optional.empty(), List.of(), why, false);
    }

    /** The same of a primary, while another server is about to take over, or not. */
    public Found beingReplaced(boolean is) {
      return new Found(primary, replicas, why, is && primary.isPresent());
    }

    /** The same with those of these servers as replicas that are not the primary. */
    public Found among(List<String> servers) {
      return new Found(
          primary,
          servers.stream().filter(each -> !primary.equals(Optional.of(each))).distinct().toList(),
          why,
          isBeingReplaced);
    }
  }

  /**
   * Begins.
   *
   * @param found hears what is found, each time that it is something else; not within this call
   */
  void start(Consumer<Found> found);

  /**
   * Other servers than the primary that say that they are primary, by their addresses; from any
   * thread.
   */
  default List<String> rivals() {
    return List.of();
  }

  /**
   * Looks anew who it is, and says so first if it is another.
   *
   * @param doubt hears why the primary that is known may be about to be replaced, as a sentence;
   *     empty: nothing speaks for that. Within {@link #SETTLE_MILLIS}, and not within this call
   */
  void settle(Consumer<Optional<String>> doubt);

  /** Traffic has shown something of the shard: a reason to look now. */
  void hint(Hint hint);

  /** Says nothing more. */
  @Override
  void close();
}
