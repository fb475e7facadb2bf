package io.cashew.proxy.topology;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A source that publishes what it has learnt of servers, for the pool as it is configured at the
 * moment. Confined to the control thread, but for what {@link TopologySource} says of any thread.
 */
abstract class LearningSource implements TopologySource {
  private Topology configured;

  /** Null: it has not started, or is closed. */
  private @Nullable Sink sink;

  /**
   * Begins nothing.
   *
   * @param configured where to begin
   */
  LearningSource(Topology configured) {
    this.configured = configured;
  }

  /** Begins to learn what is configured now, and ends what is not any more. */
  abstract void follow(Topology pool);

  /** What is known of a pool. */
  abstract Topology known(Topology pool);

  /** Primaries of what is known from which others are about to take over. */
  Set<ServerId> beingReplaced() {
    return Set.of();
  }

  /** Learns nothing more. */
  abstract void end();

  @Override
  public final void start(Sink to) {
    sink = to;
    configured(configured);
  }

  @Override
  public final void configured(Topology pool) {
    configured = pool;
    if (sink != null) {
      follow(pool);
      publish();
    }
  }

  /** Whether it has started, and is not closed. */
  final boolean isOpen() {
    return sink != null;
  }

  /** Something is known that was not. */
  final void publish() {
    Sink to = sink;
    if (to != null) {
      to.publish(known(configured));
      to.areBeingReplaced(beingReplaced());
    }
  }

  @Override
  public final void close() {
    sink = null;
    end();
  }
}
