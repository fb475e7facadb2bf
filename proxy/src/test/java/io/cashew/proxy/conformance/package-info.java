/** Scripts of commands, played to a server and through the proxy: the replies must be the same. */
@NullMarked
package io.cashew.proxy.conformance;

import org.jspecify.annotations.NullMarked;
