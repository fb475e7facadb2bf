/** The whole proxy in front of real Redis servers. */
@NullMarked
package io.cashew.proxy.integration;

import org.jspecify.annotations.NullMarked;
