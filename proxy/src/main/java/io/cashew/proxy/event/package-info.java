/** What has happened to servers and to the proxy, as lines of the log that are also kept. */
@NullMarked
package io.cashew.proxy.event;

import org.jspecify.annotations.NullMarked;
