package io.cashew.proxy.topology;

import org.jspecify.annotations.Nullable;

/** Shards that are as they are configured. Confined to the control thread. */
final class StaticShards implements TopologySource {
  private Topology configured;
  private @Nullable Sink sink;

  StaticShards(Topology configured) {
    this.configured = configured;
  }

  @Override
  public void start(Sink to, Asker asker) {
    sink = to;
    publish();
  }

  @Override
  public void configured(Topology pool) {
    configured = pool;
    publish();
  }

  private void publish() {
    if (sink != null) {
      sink.publish(configured);
    }
  }

  @Override
  public void hint(Hint hint) {}

  @Override
  public void close() {
    sink = null;
  }
}
