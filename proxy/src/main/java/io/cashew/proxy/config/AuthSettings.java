package io.cashew.proxy.config;

import java.util.List;
import java.util.Optional;

/**
 * Who clients are, and who the proxy is to the nodes.
 *
 * @param password what clients must send; empty: nothing
 * @param users by name; without {@code default} among them that one may do everything
 * @param nodeAuth what is sent to nodes; empty: nothing
 */
public record AuthSettings(
    Optional<Secret> password, List<UserSettings> users, Optional<NodeAuth> nodeAuth) {
  public AuthSettings {
    users = List.copyOf(users);
  }
}
