package io.cashew.proxy.metrics;

/** Why a request for a node got no reply of that node: the {@code kind} of its failures. */
public enum FailureKind implements Kind {
  REFUSED("refused", "the node refused the connection"),
  UNREACHABLE("unreachable", "no connection was made for another reason than a refusal"),
  UNRESOLVED("unresolved", "the node's name has no address"),
  HANDSHAKE("handshake", "the node refused AUTH, SELECT or HELLO on a new connection"),
  TIMEOUT("timeout", "no reply within the time-out"),
  CLOSED("closed", "the connection ended before the reply"),
  PROTOCOL("protocol", "the node broke the protocol"),
  CIRCUIT_OPEN("circuit_open", "not sent: the node's circuit was open"),
  MAINTENANCE("maintenance", "not sent: an operator has taken the node out"),
  OVERLOADED("overloaded", "not sent: the queue for the node was full"),
  ABANDONED("abandoned", "the client left, or broke the protocol, in the middle of the request"),
  STOPPING("stopping", "not sent, or not waited for: the proxy was stopping");

  private final String label;
  private final String help;

  FailureKind(String label, String help) {
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
