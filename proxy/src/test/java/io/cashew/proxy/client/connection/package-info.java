/** Tests of what becomes of a client's bytes. */
@NullMarked
package io.cashew.proxy.client.connection;

import org.jspecify.annotations.NullMarked;
