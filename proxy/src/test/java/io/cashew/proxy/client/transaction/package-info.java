/** Tests of transactions. */
@NullMarked
package io.cashew.proxy.client.transaction;

import org.jspecify.annotations.NullMarked;
