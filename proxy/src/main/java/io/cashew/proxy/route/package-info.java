/** Routing table, router, fragments of multi-key requests and the merging of their replies. */
@NullMarked
package io.cashew.proxy.route;

import org.jspecify.annotations.NullMarked;
