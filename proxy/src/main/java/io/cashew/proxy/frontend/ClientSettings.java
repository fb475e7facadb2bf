package io.cashew.proxy.frontend;

import io.cashew.proxy.resp.RespLimits;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of one pool have in common.
 *
 * @param pool name of the pool, for messages
 * @param password what they must send first, in UTF-8; null: nothing
 * @param limits of requests
 * @param inFlightMax requests waiting for replies at which a client is no longer read from
 * @param unsentBytes of replies at which a client is no longer read from
 * @param unsentBytesHard of replies at which a client is closed
 * @param adminCommands whether commands that administer a node go to every node; else refused
 * @param gatheredRequestBytes largest request that is held whole
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis for a request to arrive, once it has begun; 0: any time
 */
public record ClientSettings(
    String pool,
    byte @Nullable [] password,
    RespLimits limits,
    int inFlightMax,
    int unsentBytes,
    long unsentBytesHard,
    boolean adminCommands,
    int gatheredRequestBytes,
    long idleMillis,
    long slowRequestMillis) {}
