/** Reads over keys of several nodes that are computed here, of what the nodes say of each key. */
@NullMarked
package io.cashew.proxy.route.computed;

import org.jspecify.annotations.NullMarked;
