/** Proofs of times to live. */
@NullMarked
package io.cashew.proxy.cache.expiry;

import org.jspecify.annotations.NullMarked;
