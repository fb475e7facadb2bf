package io.cashew.proxy.topology;

/** What traffic tells a {@link TopologySource}: a reason to look, never a proof. */
public sealed interface Hint {

  /**
   * A server has said that a group is elsewhere.
   *
   * @param group the group
   * @param address where, as that server says
   */
  record Moved(int group, String address) implements Hint {}

  /**
   * A server is there and does not do what its shard needs of it: it is no primary, or loads.
   *
   * @param server which
   */
  record Refused(ServerId server) implements Hint {}

  /**
   * A server cannot be reached.
   *
   * @param server which
   */
  record Lost(ServerId server) implements Hint {}
}
