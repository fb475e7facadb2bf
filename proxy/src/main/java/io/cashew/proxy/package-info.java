/** The program. Nobody imports this package. */
@NullMarked
package io.cashew.proxy;

import org.jspecify.annotations.NullMarked;
