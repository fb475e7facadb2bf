/** Tests of how clients come in. */
@NullMarked
package io.cashew.proxy.client.pool;

import org.jspecify.annotations.NullMarked;
