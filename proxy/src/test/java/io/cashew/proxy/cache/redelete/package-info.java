/** Proofs of deletions that are repeated. */
@NullMarked
package io.cashew.proxy.cache.redelete;

import org.jspecify.annotations.NullMarked;
