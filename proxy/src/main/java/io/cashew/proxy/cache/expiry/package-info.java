/** Times to live that clients set, and how they get longer. */
@NullMarked
package io.cashew.proxy.cache.expiry;

import org.jspecify.annotations.NullMarked;
