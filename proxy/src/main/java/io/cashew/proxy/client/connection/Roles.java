package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.Role;
import io.cashew.proxy.command.Command;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What each command of a pool means to a cache, found out once, for one worker. */
final class Roles {
  private @Nullable Role[] byId = new Role[0];

  /** The pool has other commands. */
  void forget() {
    byId = new Role[0];
  }

  Role of(Command command) {
    int id = command.id();
    if (id >= byId.length) {
      byId = Arrays.copyOf(byId, Math.max(id + 1, 2 * byId.length));
    }
    Role role = byId[id];
    if (role == null) {
      byId[id] = role = Role.of(command);
    }
    return role;
  }
}
