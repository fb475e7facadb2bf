/** Where requests go: routing table, router, and what is sent again. */
@NullMarked
package io.cashew.proxy.route;

import org.jspecify.annotations.NullMarked;
