package io.cashew.proxy.insight;

import java.util.List;

/**
 * A request that took long.
 *
 * @param endedMillis when, since 1970
 * @param arguments shortened
 * @param client address of the client
 * @param clientName what it calls itself; may be empty
 * @param user who it is
 * @param command name of the command
 * @param key the first, shortened; empty if there is none
 * @param node that answered, the last one of several; {@code -} if none was asked
 * @param queueMicros from its arrival until it was handed to a connection that was ready
 * @param nodeMicros from there to the end of the node's reply
 * @param writeBackMicros that its reply waited for the client or for earlier replies
 */
public record SlowRequest(
    long endedMillis,
    List<byte[]> arguments,
    String client,
    String clientName,
    String user,
    String command,
    byte[] key,
    String node,
    long queueMicros,
    long nodeMicros,
    long writeBackMicros) {
  public SlowRequest {
    arguments = List.copyOf(arguments);
  }

  /** From its arrival to the end of its reply. */
  public long micros() {
    return queueMicros + nodeMicros + writeBackMicros;
  }
}
