/**
 * {@code CLIENT TRACKING}: what clients have asked to be told of keys, and the way of a node's
 * invalidation messages to them.
 */
@NullMarked
package io.cashew.proxy.client.tracking;

import org.jspecify.annotations.NullMarked;
