/** Tests of how requests are split and replies merged. */
@NullMarked
package io.cashew.proxy.route;

import org.jspecify.annotations.NullMarked;
