/**
 * Our side of a node: its connections on one worker, in-flight queue, reconnect, time-outs,
 * handshake, health.
 */
@NullMarked
package io.cashew.proxy.backend;

import org.jspecify.annotations.NullMarked;
