/** Looking things up by the name that a configuration file gives them. */
@NullMarked
package io.cashew.hashing.registry;

import org.jspecify.annotations.NullMarked;
