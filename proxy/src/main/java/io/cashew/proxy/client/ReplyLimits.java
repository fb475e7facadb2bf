package io.cashew.proxy.client;

/**
 * How much may be owed to one client.
 *
 * @param inFlightMax requests waiting for replies at which a client is no longer read from
 * @param unsentBytes of replies at which a client is no longer read from
 * @param unsentBytesHard of replies at which a client is closed
 * @param unsentBytesOfSubscriber of messages and replies at which a subscribed client is closed
 */
public record ReplyLimits(
    int inFlightMax, int unsentBytes, long unsentBytesHard, long unsentBytesOfSubscriber) {}
