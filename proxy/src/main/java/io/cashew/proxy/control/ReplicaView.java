package io.cashew.proxy.control;

/**
 * A replica as it may be shown.
 *
 * @param address where it is
 * @param isRead whether requests that only read may go there
 * @param lagMillis how long it has been behind; -1: not known
 * @param zone that it is in; empty: not known
 * @param why it is not read from, in words; empty: it is
 */
public record ReplicaView(
    String address, boolean isRead, long lagMillis, String zone, String why) {}
