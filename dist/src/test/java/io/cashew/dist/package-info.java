/** Tests of what is built to be installed. */
@NullMarked
package io.cashew.dist;

import org.jspecify.annotations.NullMarked;
