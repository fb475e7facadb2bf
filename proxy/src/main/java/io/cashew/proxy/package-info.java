/** Composition root: the command line, and the choice of transport. Nobody imports this package. */
@NullMarked
package io.cashew.proxy;

import org.jspecify.annotations.NullMarked;
