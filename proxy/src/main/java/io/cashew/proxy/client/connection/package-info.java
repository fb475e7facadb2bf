/**
 * One client's connection: its bytes are cut into requests, each is checked, handed to the handler
 * of its kind, and held while something has to come before it. Here is the one implementation of
 * {@link io.cashew.proxy.client.Client}.
 */
@NullMarked
package io.cashew.proxy.client.connection;

import org.jspecify.annotations.NullMarked;
