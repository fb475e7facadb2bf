/** The bytes of memcached's text protocol: where requests and replies begin and end. */
@NullMarked
package io.cashew.proxy.memcached;

import org.jspecify.annotations.NullMarked;
