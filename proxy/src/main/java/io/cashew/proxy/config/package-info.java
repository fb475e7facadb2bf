/** HOCON and nutcracker.yml to immutable, checked settings, or an error with file, line and key. */
@NullMarked
package io.cashew.proxy.config;

import org.jspecify.annotations.NullMarked;
