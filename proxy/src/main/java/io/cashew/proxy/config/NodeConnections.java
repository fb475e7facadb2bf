package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.NEW_CONNECTIONS;

/**
 * The connections to a pool's nodes, and how long a reply may take on them.
 *
 * @param timeoutMillis for a reply, counted from the write; 0: none
 * @param perNode connections of each worker to each node; at least 1
 * @param preconnect whether they are opened at start
 * @param database selected on each of them
 * @param keepaliveSeconds of silence before the kernel asks whether a node is still there; 0: never
 * @param retryReads whether a request that only reads is sent once more if its connection ends
 */
public record NodeConnections(
    long timeoutMillis,
    int perNode,
    boolean preconnect,
    int database,
    int keepaliveSeconds,
    boolean retryReads) {

  private static final long STANDARD_TIMEOUT = 1000;

  /** The rows of its settings. */
  public static final Table<NodeConnections> TABLE = Table.of(NodeConnections::new);

  public static final Setting<NodeConnections, Long> TIMEOUT =
      TABLE.add(
          Setting.of(
                  "timeout",
                  Kinds.duration(Kinds.MILLISECOND, Kinds.LONGEST)
                      .writtenAs(
                          (millis, hides) ->
                              Kinds.durationText(millis == 0 ? STANDARD_TIMEOUT : millis)),
                  "1s",
                  STANDARD_TIMEOUT,
                  AT_ONCE,
                  NodeConnections::timeoutMillis,
                  "How long a node may take for a reply, counted from the moment the request is written."
                      + " There is always one: a hung node must not hang its clients.")
              .remarkedAs(
                  connections ->
                      connections.timeoutMillis == 0
                          ? "There was no time-out: a hung node would hang its clients for ever."
                          : ""));

  public static final Setting<NodeConnections, Integer> PER_NODE =
      TABLE.row(
          "connections-per-node",
          Kinds.integer(1, 65535),
          "1",
          NEW_CONNECTIONS,
          NodeConnections::perNode,
          "Connections of each worker to each node. One, pipelined, keeps Redis busy; all"
              + " connections are workers × nodes × this.");

  public static final Setting<NodeConnections, Boolean> PRECONNECT =
      TABLE.row(
          "preconnect",
          Kinds.flag(),
          "false",
          AT_ONCE,
          NodeConnections::preconnect,
          "Whether connections to nodes are opened at start. Without it the first request of each"
              + " opens them.");

  public static final Setting<NodeConnections, Integer> DATABASE =
      TABLE.row(
          "database",
          Kinds.integer(0, Integer.MAX_VALUE),
          "0",
          NEW_CONNECTIONS,
          NodeConnections::database,
          "The database selected on every connection to a node. 0 is where a connection starts, so"
              + " nothing is sent.");

  public static final Setting<NodeConnections, Integer> KEEPALIVE =
      TABLE.row(
          "node-tcp-keepalive",
          Kinds.keepalive(),
          Keepalives.DEFAULT_SECONDS + "s",
          NEW_CONNECTIONS,
          NodeConnections::keepaliveSeconds,
          "As `tcp-keepalive`, on connections to nodes. Below what firewalls and load balancers on the"
              + " way take for idle (often 350s), it keeps connections open there.");

  public static final Setting<NodeConnections, Boolean> RETRY_READS =
      TABLE.row(
          "retry-reads",
          Kinds.flag(),
          "true",
          AT_ONCE,
          NodeConnections::retryReads,
          "Whether a request that only reads is sent once more, on a new connection, if its"
              + " connection to the node ends before the first byte of the reply. Requests that"
              + " write never are: they may have been executed.");

  /** What ships. */
  public static final NodeConnections DEFAULT = TABLE.standard();

  private NodeConnections(Values<NodeConnections> from) {
    this(
        from.get(TIMEOUT),
        from.get(PER_NODE),
        from.get(PRECONNECT),
        from.get(DATABASE),
        from.get(KEEPALIVE),
        from.get(RETRY_READS));
  }
}
