/** The files of {@code deploy/}: well-formed, and in agreement with the program and each other. */
@NullMarked
package io.cashew.proxy.deploy;

import org.jspecify.annotations.NullMarked;
