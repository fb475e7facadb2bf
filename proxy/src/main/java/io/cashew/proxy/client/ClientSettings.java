package io.cashew.proxy.client;

import io.cashew.proxy.resp.RespLimits;

/**
 * What the clients of one pool have in common.
 *
 * @param pool name of the pool, for messages
 * @param limits of requests
 * @param inFlightMax requests waiting for replies at which a client is no longer read from
 * @param unsentBytes of replies at which a client is no longer read from
 * @param unsentBytesHard of replies at which a client is closed
 * @param adminCommands whether commands that administer a node go to every node; else refused
 * @param gatheredRequestBytes largest request that is held whole
 * @param unsentBytesOfSubscriber of messages and replies at which a subscribed client is closed
 * @param reconnectMaxMillis longest pause between two attempts to listen to a node again
 * @param retriesReads whether a request that only reads is sent once more if the connection to its
 *     node ends before the reply
 * @param followsFailovers whether requests may go to a server that takes another's place
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis for a request to arrive, once it has begun; 0: any time
 */
public record ClientSettings(
    String pool,
    RespLimits limits,
    int inFlightMax,
    int unsentBytes,
    long unsentBytesHard,
    boolean adminCommands,
    int gatheredRequestBytes,
    long unsentBytesOfSubscriber,
    long reconnectMaxMillis,
    boolean retriesReads,
    boolean followsFailovers,
    long idleMillis,
    long slowRequestMillis) {

  /** How much may be owed to one client. */
  public ReplyLimits replyLimits() {
    return new ReplyLimits(inFlightMax, unsentBytes, unsentBytesHard, unsentBytesOfSubscriber);
  }
}
