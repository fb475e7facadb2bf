package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.NEW_CONNECTIONS;

import com.typesafe.config.ConfigObject;
import java.util.Optional;

/**
 * What is sent to a node after connecting.
 *
 * @param username for {@code AUTH username password}; empty: {@code AUTH password}
 * @param password the password
 */
public record NodeAuth(Optional<String> username, Secret password) {
  /** Stands in for one that is missing. */
  private static final Secret NO_PASSWORD = new Secret("");

  static final Table<NodeAuth> TABLE = Table.of(NodeAuth::new);

  static final Setting<NodeAuth, Optional<String>> USERNAME =
      TABLE.optional(
          "username",
          Texts.text(),
          "not set",
          NEW_CONNECTIONS,
          NodeAuth::username,
          "The user of an access control list. Without it only the password is sent, as Redis"
              + " before 6 wants it.");
  static final Setting<NodeAuth, Secret> PASSWORD =
      TABLE.add(
          Setting.of(
              "password",
              Texts.secret(),
              "not set",
              NO_PASSWORD,
              NEW_CONNECTIONS,
              NodeAuth::password,
              "The password sent to nodes."));

  /** What an object says; empty after a problem with its password. */
  static Optional<NodeAuth> read(Place place, ConfigObject object) {
    Section section = place.inside(object, TABLE);
    NodeAuth auth = TABLE.read(section);
    if (!section.has(PASSWORD)) {
      place.report(object, place.key(), "has no password: add one, or write node-auth = none");
    }
    return auth.password.equals(NO_PASSWORD) ? Optional.empty() : Optional.of(auth);
  }

  private NodeAuth(Values<NodeAuth> from) {
    this(from.get(USERNAME), from.get(PASSWORD));
  }
}
