/** Requests for several nodes: which keys go where, and one reply made of those of all nodes. */
@NullMarked
package io.cashew.proxy.route.gather;

import org.jspecify.annotations.NullMarked;
