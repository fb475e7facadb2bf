/** How many requests are taken in a second. */
@NullMarked
package io.cashew.proxy.cache.limit;

import org.jspecify.annotations.NullMarked;
