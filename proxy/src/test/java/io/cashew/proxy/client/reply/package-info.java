/** Tests of the order of replies. */
@NullMarked
package io.cashew.proxy.client.reply;

import org.jspecify.annotations.NullMarked;
