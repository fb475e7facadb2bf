/** Tests of how requests are cut and replies merged. */
@NullMarked
package io.cashew.proxy.route.gather;

import org.jspecify.annotations.NullMarked;
