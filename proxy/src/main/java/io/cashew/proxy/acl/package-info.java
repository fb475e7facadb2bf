/** Users: what each may do, in the rules of Redis's access control lists; and who was refused. */
@NullMarked
package io.cashew.proxy.acl;

import org.jspecify.annotations.NullMarked;
