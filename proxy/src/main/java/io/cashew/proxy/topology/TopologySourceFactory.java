package io.cashew.proxy.topology;

/** Makes the {@link TopologySource}s of one kind. */
public interface TopologySourceFactory {

  /** The name to look it up by: {@code static}. */
  String name();

  /**
   * A source that has not begun.
   *
   * @param configured the pool as it is configured: where to begin
   */
  TopologySource create(Topology configured);
}
