/** Every number published: one row each, and the recorders of the workers. */
@NullMarked
package io.cashew.proxy.metrics;

import org.jspecify.annotations.NullMarked;
