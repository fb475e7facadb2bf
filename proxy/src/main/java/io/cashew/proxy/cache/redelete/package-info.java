/** Deletions that are repeated later. */
@NullMarked
package io.cashew.proxy.cache.redelete;

import org.jspecify.annotations.NullMarked;
