package io.cashew.proxy.metrics;

/** Why the proxy closed a client, or lost it in the middle of something. */
public enum ClientErrorKind implements Kind {
  PROTOCOL("protocol", "the client broke the protocol and was closed"),
  TOO_LARGE("too_large", "a request was larger than a limit and the client was closed"),
  UNREAD_REPLIES("unread_replies", "the client left more replies unread than the hard limit"),
  SLOW_SUBSCRIBER(
      "slow_subscriber", "the client was subscribed, and left more unread than a subscriber may"),
  SHORT_OF_MEMORY("short_of_memory", "closed to free the buffers that it held"),
  RESET("reset", "the connection failed: reset by the client or the network"),
  TLS("tls", "the client did not speak TLS where it must, or was not trusted"),
  SLOW_REQUEST("slow_request", "the client began a request and did not end it in time"),
  IDLE("idle", "the client sent nothing for as long as it may"),
  ABANDONED("abandoned", "the client left while requests of it were in flight"),
  INTERNAL("internal", "an error of the proxy itself; the log has it");

  private final String label;
  private final String help;

  ClientErrorKind(String label, String help) {
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
