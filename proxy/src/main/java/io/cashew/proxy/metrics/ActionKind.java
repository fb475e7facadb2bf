package io.cashew.proxy.metrics;

/** What may be done at the admin address: the {@code kind} of actions. */
public enum ActionKind implements Kind {
  NODE_DRAIN("node_drain", "a node is taken out when its requests have their replies"),
  NODE_OFFLINE("node_offline", "a node is taken out at once"),
  NODE_READY("node_ready", "a node is in use again"),
  RELOAD("reload", "the configuration file is read again"),
  DRAIN("drain", "the proxy is stopped"),
  CLOSE_CLIENTS("close_clients", "clients are closed"),
  INVALIDATE("invalidate", "what is kept of keys ends"),
  LOG_LEVEL("log_level", "other lines are shown in the log"),
  ACCESS_LOG("access_log", "the access log is written, or not");

  private final String label;
  private final String help;

  ActionKind(String label, String help) {
    this.label = label;
    this.help = help;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public String help() {
    return help;
  }
}
