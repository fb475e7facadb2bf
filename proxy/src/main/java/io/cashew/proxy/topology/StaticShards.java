package io.cashew.proxy.topology;

/** Shards that are as they are configured, for as long as the configuration is in force. */
final class StaticShards implements TopologySource {
  private final Topology configured;

  StaticShards(Topology configured) {
    this.configured = configured;
  }

  @Override
  public void start(Sink sink, Asker asker) {
    sink.publish(configured);
  }

  @Override
  public void hint(Hint hint) {}

  @Override
  public void close() {}
}
