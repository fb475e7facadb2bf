/** Connections on which the proxy itself asks servers and Sentinels, off the path of requests. */
@NullMarked
package io.cashew.proxy.asking;

import org.jspecify.annotations.NullMarked;
