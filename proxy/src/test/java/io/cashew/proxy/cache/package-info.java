/** Tests of what is kept, without a socket. */
@NullMarked
package io.cashew.proxy.cache;

import org.jspecify.annotations.NullMarked;
