/**
 * One worker's event loop: shared receive buffer, batches written once an iteration, a clock that
 * is not moved by a freeze.
 */
@NullMarked
package io.cashew.proxy.loop;

import org.jspecify.annotations.NullMarked;
