/** Tests of the package of the same name. */
@NullMarked
package io.cashew.proxy.asking;

import org.jspecify.annotations.NullMarked;
