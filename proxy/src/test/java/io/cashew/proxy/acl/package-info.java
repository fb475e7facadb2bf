/** Proofs of users and their rules. */
@NullMarked
package io.cashew.proxy.acl;

import org.jspecify.annotations.NullMarked;
