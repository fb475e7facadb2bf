/** Proofs of the command table. */
@NullMarked
package io.cashew.proxy.command;

import org.jspecify.annotations.NullMarked;
