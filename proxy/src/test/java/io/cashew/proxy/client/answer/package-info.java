/** Tests of the commands that the proxy answers itself. */
@NullMarked
package io.cashew.proxy.client.answer;

import org.jspecify.annotations.NullMarked;
