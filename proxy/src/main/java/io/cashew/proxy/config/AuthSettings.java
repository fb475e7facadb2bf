package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.NEW_CONNECTIONS;

import com.typesafe.config.ConfigObject;
import io.cashew.proxy.acl.Users;
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

  /** The rows of its settings. */
  public static final Table<AuthSettings> TABLE = Table.of(AuthSettings::new);

  public static final Setting<AuthSettings, Optional<Secret>> PASSWORD =
      TABLE.optional(
          "auth.password",
          Texts.secret(),
          "not set",
          AT_ONCE,
          AuthSettings::password,
          "The password that clients must send. It is also sent to the nodes unless `node-auth`"
              + " says otherwise. `${REDIS_PASSWORD}` reads it from the environment.");

  public static final Setting<AuthSettings, List<UserSettings>> USERS =
      TABLE.add(
          Setting.of(
              "auth.users",
              UserReader.KIND,
              "{}",
              List.of(),
              AT_ONCE,
              AuthSettings::users,
              "Users by name, with rules as in Redis's access control lists (keys below). A client is"
                  + " the user `default` until it sends another's name and password; unless `default`"
                  + " is defined here, it may do everything, with `auth.password` if that is set. Rules"
                  + " hold here, not on the nodes, and do not look into scripts: whoever may run"
                  + " scripts can reach every key."));

  public static final Setting<AuthSettings, Optional<NodeAuth>> NODE_AUTH =
      TABLE.add(
          Setting.of(
                  "node-auth",
                  nodeAuthKind(),
                  "as `auth.password`",
                  Optional.<NodeAuth>empty(),
                  NEW_CONNECTIONS,
                  AuthSettings::nodeAuth,
                  "What is sent to nodes: `none` sends nothing, an object has the keys below.")
              .impliedBy(AuthSettings::nodeAuthBeside));

  static {
    TABLE.rule(AuthSettings::refuseTwoPasswordsOfDefault);
  }

  private AuthSettings(Values<AuthSettings> from) {
    this(from.get(PASSWORD), from.get(USERS), from.get(NODE_AUTH));
  }

  public AuthSettings {
    users = List.copyOf(users);
  }

  private static Kind<Optional<NodeAuth>> nodeAuthKind() {
    String form = "none, or { username, password }";
    return Kind.<Optional<NodeAuth>>structure(
            form,
            (value, place) -> {
              if (value instanceof ConfigObject object) {
                return NodeAuth.read(place, object);
              }
              String text = Kinds.scalar(value, form);
              if (!text.equals("none")) {
                throw Kinds.mustBe(form, text);
              }
              return Optional.empty();
            })
        .shownAs(auth -> auth.isPresent() ? "set" : "none")
        .writtenAs(
            (auth, hides) -> auth.map(given -> NodeAuth.TABLE.object(given, hides)).orElse("none"))
        .withSection(NodeAuth.TABLE);
  }

  private static Optional<NodeAuth> nodeAuthBeside(Values<AuthSettings> others) {
    return others.get(PASSWORD).map(password -> new NodeAuth(Optional.empty(), password));
  }

  private static void refuseTwoPasswordsOfDefault(AuthSettings auth, Section pool) {
    if (UserReader.names(pool).contains(Users.DEFAULT) && pool.has(PASSWORD)) {
      pool.report(
          PASSWORD,
          "is the password of the user default, which "
              + USERS.key()
              + " defines, too: write its password there, and that of the nodes in node-auth");
    }
  }
}
