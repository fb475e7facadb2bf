/** One client: its requests, the order of its replies, its session, the commands answered here. */
@NullMarked
package io.cashew.proxy.client;

import org.jspecify.annotations.NullMarked;
