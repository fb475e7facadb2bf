/** The command table: one row a command. */
@NullMarked
package io.cashew.proxy.command;

import org.jspecify.annotations.NullMarked;
