@NullMarked
package io.cashew.proxy.process;

import org.jspecify.annotations.NullMarked;
