/**
 * The clients of a pool: where they connect, who is let in, and all of them on one worker, who are
 * told of time, of a reload and of the end. What makes pools needs this package, and of the others
 * hardly more than settings.
 */
@NullMarked
package io.cashew.proxy.client.pool;

import org.jspecify.annotations.NullMarked;
