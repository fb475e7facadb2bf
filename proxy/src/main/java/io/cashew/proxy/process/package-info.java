/**
 * The process that serves: its transport, log and signals, its start, its end, and how another one
 * takes it over.
 */
@NullMarked
package io.cashew.proxy.process;

import org.jspecify.annotations.NullMarked;
