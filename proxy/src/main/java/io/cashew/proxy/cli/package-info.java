/**
 * The command line: the sub-commands, what they print, and what {@code check} and {@code route}
 * look at.
 */
@NullMarked
package io.cashew.proxy.cli;

import org.jspecify.annotations.NullMarked;
