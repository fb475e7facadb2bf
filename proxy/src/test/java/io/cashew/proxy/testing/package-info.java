/** Fixtures for tests: real servers, a client that shows replies as they are. */
@NullMarked
package io.cashew.proxy.testing;

import org.jspecify.annotations.NullMarked;
