/** Distributions: a hash to the index of a node. */
@NullMarked
package io.cashew.hashing.distribution;

import org.jspecify.annotations.NullMarked;
