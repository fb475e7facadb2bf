package io.cashew.proxy.topology;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows who the shards of a pool are, and says so each time that changes. Everything is called on
 * the control thread, and a source calls nothing from any other; it never waits.
 *
 * <p>What it publishes differs from what it {@linkplain #configured was given} in the servers of
 * shards: a shard keeps its name, and with it its keys and its counters, while its primary changes.
 * An id of a server is the source's own: its address as a configuration would write it, and any
 * number, another one if connections to that address are to be made anew. A server that is no
 * shard's primary any more gets no new request from the moment when the workers go over, within a
 * fraction of a second after it was published.
 */
public interface TopologySource extends AutoCloseable {

  /** Takes each topology that a source finds. */
  interface Sink {

    /**
     * The newest topology. It is taken over as a whole; one that is published while another is
     * being taken over comes next, and any between the two are left out.
     *
     * @param topology nobody is ejected, and each shard holds data of its own
     * @throws IllegalArgumentException if a server has no valid address: nothing changes
     */
    void publish(Topology topology);

    /**
     * Primaries from which others are about to take over: what they take from now on may be lost,
     * so what may write waits, until a topology names others or these are said not to be replaced.
     *
     * @param primaries all of which that is so now
     */
    default void areBeingReplaced(Set<ServerId> primaries) {}
  }

  /**
   * Begins.
   *
   * @param sink takes what is found, the first of it at once if it is known
   */
  void start(Sink sink);

  /**
   * The pool is configured otherwise from now on. The source publishes what it makes of that within
   * this call, so that settings and topology are taken over in one step: the new shards, with the
   * primaries that it knows of those that there were before.
   *
   * @param pool the pool as it is configured
   */
  void configured(Topology pool);

  /** Why a shard has nobody as its primary, as the end of a sentence; from any thread. */
  default String whyNobody(String shard) {
    return "it is not known who that is";
  }

  /**
   * What a client is answered whose key belongs to a shard that has nobody as its primary, with the
   * error's code; from any thread. Empty: that it has none, and {@linkplain #whyNobody why}.
   */
  default String errorOfNobody(String shard) {
    return "";
  }

  /** What is known of the Cluster that the servers form; null: they form none. From any thread. */
  default @Nullable KnownCluster cluster() {
    return null;
  }

  /**
   * Other servers of a shard than its primary that say that they are primary, by their addresses;
   * from any thread.
   */
  default List<String> rivals(String shard) {
    return List.of();
  }

  /**
   * Looks anew who is primary of a shard, before it takes writes again that it has not taken for a
   * while: a failover that has begun may not be known yet, and what the former primary took
   * meanwhile would be lost.
   *
   * @param shard its name
   * @param doubt hears why a server that is about to be replaced could get writes, as a sentence;
   *     empty: none could, as far as can be seen, and what is known has been published
   */
  default void settle(String shard, Consumer<Optional<String>> doubt) {
    doubt.accept(Optional.empty());
  }

  /** Traffic has shown something; a source that cannot use it does nothing. */
  void hint(Hint hint);

  /** Publishes nothing more. */
  @Override
  void close();
}
