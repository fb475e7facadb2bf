/**
 * Commands that wait at their node, for keys or for replicas, on connections that clients lease;
 * and clients that have left, of which a node must know before others are served.
 */
@NullMarked
package io.cashew.proxy.client.blocking;

import org.jspecify.annotations.NullMarked;
