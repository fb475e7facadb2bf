/** Tests of what is computed of what nodes say. */
@NullMarked
package io.cashew.proxy.route.computed;

import org.jspecify.annotations.NullMarked;
