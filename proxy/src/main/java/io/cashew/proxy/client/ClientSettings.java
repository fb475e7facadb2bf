package io.cashew.proxy.client;

import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.computed.ComputeLimit;
import org.jspecify.annotations.Nullable;

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
 * @param waitsForPrimaries whether requests may have to wait for a server that takes them
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis for a request to arrive, once it has begun; 0: any time
 * @param requestLimits how many requests are taken in a second
 * @param rules what is done for the servers by patterns of keys
 * @param computes how much of what reads keys of several nodes is computed; null: it is refused
 * @param memcached of clients that speak memcached; null: they speak RESP
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
    boolean waitsForPrimaries,
    long idleMillis,
    long slowRequestMillis,
    RequestLimits requestLimits,
    CacheRules rules,
    @Nullable ComputeLimit computes,
    @Nullable MemcachedLimits memcached) {

  /** How much may be owed to one client. */
  public ReplyLimits replyLimits() {
    return new ReplyLimits(inFlightMax, unsentBytes, unsentBytesHard, unsentBytesOfSubscriber);
  }
}
