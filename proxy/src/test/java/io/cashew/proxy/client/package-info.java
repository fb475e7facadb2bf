/** Tests of what the packages of the client's side share. */
@NullMarked
package io.cashew.proxy.client;

import org.jspecify.annotations.NullMarked;
