/** Tests of what a client is given. */
@NullMarked
package io.cashew.proxy.frontend;

import org.jspecify.annotations.NullMarked;
