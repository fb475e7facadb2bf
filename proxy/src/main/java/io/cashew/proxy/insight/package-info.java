/** What requests are like beyond counts: slow ones, keys that are hot or big, the access log. */
@NullMarked
package io.cashew.proxy.insight;

import org.jspecify.annotations.NullMarked;
