/** Tests of what a client is given. */
@NullMarked
package io.cashew.proxy.client;

import org.jspecify.annotations.NullMarked;
