/** Where a key lives: hash tag, hash function and distribution, tied together for one pool. */
@NullMarked
package io.cashew.hashing;

import org.jspecify.annotations.NullMarked;
