/** JMH benchmarks of the hot classes. */
@NullMarked
package io.cashew.bench;

import org.jspecify.annotations.NullMarked;
