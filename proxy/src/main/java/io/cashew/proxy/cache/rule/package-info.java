/** What is done for keys, by patterns of the configuration. */
@NullMarked
package io.cashew.proxy.cache.rule;

import org.jspecify.annotations.NullMarked;
