/** Tests of where requests go, and where again. */
@NullMarked
package io.cashew.proxy.route;

import org.jspecify.annotations.NullMarked;
