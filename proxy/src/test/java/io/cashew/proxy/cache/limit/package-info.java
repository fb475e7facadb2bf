/** Proofs of how requests are counted. */
@NullMarked
package io.cashew.proxy.cache.limit;

import org.jspecify.annotations.NullMarked;
