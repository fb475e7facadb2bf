/** Shards, placements, copies and ejection. */
@NullMarked
package io.cashew.proxy.topology;

import org.jspecify.annotations.NullMarked;
