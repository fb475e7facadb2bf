/** HTTP of the admin address: metrics and health. */
@NullMarked
package io.cashew.proxy.admin;

import org.jspecify.annotations.NullMarked;
