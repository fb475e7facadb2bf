/**
 * One client: its pipeline, the order of its replies, its session state, the commands answered
 * here.
 */
@NullMarked
package io.cashew.proxy.frontend;

import org.jspecify.annotations.NullMarked;
