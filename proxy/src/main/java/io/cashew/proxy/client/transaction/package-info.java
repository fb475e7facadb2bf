/**
 * {@code MULTI}, {@code WATCH} and {@code EXEC}: a client's transaction is on one node, on a
 * connection that the client leases there.
 */
@NullMarked
package io.cashew.proxy.client.transaction;

import org.jspecify.annotations.NullMarked;
