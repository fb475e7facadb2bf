/** Tests of commands that wait, and of clients that have left. */
@NullMarked
package io.cashew.proxy.client.blocking;

import org.jspecify.annotations.NullMarked;
