package io.cashew.proxy.topology;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Knows who the primary of one shard is, and says so each time that it changes. Confined to the
 * control thread; it never waits.
 */
public interface PrimaryWatch extends AutoCloseable {

  /**
   * Who takes the writes of a shard.
   *
   * @param primary its address, as a configuration would write it; empty: nobody is known to
   * @param why nobody is, as the end of a sentence; empty while somebody is
   */
  record Found(Optional<String> primary, String why) {

    /** Somebody takes them. */
    public static Found at(String address) {
      return new Found(Optional.of(address), "");
    }

    /** Nobody does. */
    public static Found nobody(String why) {
      return new Found(Optional.empty(), why);
    }
  }

  /**
   * Begins.
   *
   * @param found hears what is found, each time that it is something else; not within this call
   */
  void start(Consumer<Found> found);

  /** Traffic has shown something of the shard: a reason to look now. */
  void hint(Hint hint);

  /** Says nothing more. */
  @Override
  void close();
}
