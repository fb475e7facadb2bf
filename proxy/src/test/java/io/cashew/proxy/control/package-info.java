/** Proofs of what is decided. */
@NullMarked
package io.cashew.proxy.control;

import org.jspecify.annotations.NullMarked;
