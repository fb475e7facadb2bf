/** Proofs of the rules of a cache. */
@NullMarked
package io.cashew.proxy.cache.rule;

import org.jspecify.annotations.NullMarked;
