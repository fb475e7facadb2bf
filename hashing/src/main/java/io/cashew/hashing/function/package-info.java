/** Hash functions: key bytes to an unsigned 32-bit value. */
@NullMarked
package io.cashew.hashing.function;

import org.jspecify.annotations.NullMarked;
