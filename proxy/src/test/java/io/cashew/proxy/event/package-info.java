/** Tests of the events that are kept. */
@NullMarked
package io.cashew.proxy.event;

import org.jspecify.annotations.NullMarked;
