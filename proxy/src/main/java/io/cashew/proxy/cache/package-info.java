/** What is kept of the servers' replies, and how long it may be given. */
@NullMarked
package io.cashew.proxy.cache;

import org.jspecify.annotations.NullMarked;
