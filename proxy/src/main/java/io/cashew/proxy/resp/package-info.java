/** RESP framing: where a request or reply ends, its limits, and the proxy's own replies. */
@NullMarked
package io.cashew.proxy.resp;

import org.jspecify.annotations.NullMarked;
