package io.cashew.proxy.command;

/** What Cashew does with a command. */
public enum Kind {
  FORWARD(
      "The client's bytes go unchanged to the node of the keys. All keys must be on one node, else"
          + " the answer is `CROSSSLOT`. Without keys, one node answers."),
  SPLIT(
      "The keys are grouped by node, the groups run in parallel, and the answers become one. An"
          + " error of any node is the whole answer."),
  KEYSPACE("Sent to every node; the answers become one."),
  ONE_NODE(
      "The client's bytes go unchanged to the node of a pool that has only one. Refused where there"
          + " are several, since each would know of its own keys alone."),
  TRANSACTION("Runs on a connection of the client's own, to the node of its first key."),
  BLOCKING("Runs on a connection of the client's own, so that nobody else waits."),
  PUBSUB(
      "A message goes to the node of its channel's hash. The proxy listens for all clients of a"
          + " worker on one connection a node, and gives each message to each of them."),
  LOCAL("Answered by Cashew itself, for each client."),
  ADMIN(
      "A node's own administration: refused, or with `admin-commands = all-nodes` sent to every"
          + " node."),
  REFUSED("Refused with a clear error; the connection stays open.");

  private final String meaning;

  Kind(String meaning) {
    this.meaning = meaning;
  }

  /** Whether each of its commands may begin only when its client is owed no reply. */
  public boolean waitsForReplies() {
    return this == BLOCKING || this == TRANSACTION;
  }

  /** Whether its requests go to nodes over connections that clients share. */
  public boolean sharesConnections() {
    return switch (this) {
      case FORWARD, SPLIT, KEYSPACE, ONE_NODE, ADMIN, PUBSUB -> true;
      case BLOCKING, TRANSACTION, LOCAL, REFUSED -> false;
    };
  }

  /** One or two sentences for documents. */
  public String meaning() {
    return meaning;
  }
}
