/**
 * Channels and patterns: what the clients of a worker listen to together, on one connection to each
 * node, the commands that change it, and the counts of listeners over all workers.
 */
@NullMarked
package io.cashew.proxy.client.pubsub;

import org.jspecify.annotations.NullMarked;
