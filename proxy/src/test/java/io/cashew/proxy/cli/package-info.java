@NullMarked
package io.cashew.proxy.cli;

import org.jspecify.annotations.NullMarked;
