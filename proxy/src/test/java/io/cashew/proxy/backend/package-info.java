/** Tests of what knows nothing of clients. */
@NullMarked
package io.cashew.proxy.backend;

import org.jspecify.annotations.NullMarked;
