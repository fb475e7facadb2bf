package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.acl.BadRuleException;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.UserOptions;
import io.cashew.proxy.command.CommandTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads and writes the users of a pool. Their rules are tried here, where a wrong one has a line.
 */
final class UserReader {
  private static final String FORM = "an object of users: auth.users.NAME { rules = \"…\" }";

  static final Kind<List<UserSettings>> KIND =
      Kind.<List<UserSettings>>structure(
              FORM, (value, place) -> read(Kinds.objectOf(value, FORM), place))
          .shownAs(users -> users.size() + " of them")
          .writtenAs(
              (users, hides) -> Kinds.named(users, UserSettings::name, UserSettings.TABLE, hides))
          .withElements(UserSettings.TABLE);

  private UserReader() {}

  /** The users in the order of their names; those with a problem are left out. */
  private static List<UserSettings> read(ConfigObject object, Place place) {
    CommandTable commands = DeclaredCommand.table(place.section().get(CommandSettings.DECLARED));
    List<UserSettings> users = new ArrayList<>();
    for (Section section :
        place.named(
            object,
            UserSettings.TABLE,
            value -> "must be an object { rules, password, … }, not " + typeName(value))) {
      section.refuseUnknownKeys();
      user(section.name(), section, commands).ifPresent(users::add);
    }
    users.sort(Comparator.comparing(UserSettings::name));
    return users;
  }

  /** The names of all users, also of those with a problem. */
  static Set<String> names(Section pool) {
    return pool.placeOf(AuthSettings.USERS) instanceof ConfigObject object
            && pool.has(AuthSettings.USERS)
        ? object.keySet()
        : Set.of();
  }

  /** What stands there instead of an object may be a password. */
  private static String typeName(ConfigValue value) {
    return switch (value.valueType()) {
      case LIST -> "a list";
      case NULL -> "null";
      case OBJECT, NUMBER, BOOLEAN, STRING -> "a text";
    };
  }

  private static Optional<UserSettings> user(String name, Section section, CommandTable commands) {
    try {
      AddressText.name(name);
    } catch (BadValue wrong) {
      section.report(section.self(), "", "the user " + wrong.text());
      return Optional.empty();
    }
    Optional<Secret> password = section.get(UserSettings.PASSWORD);
    Optional<Secret> hash = section.get(UserSettings.PASSWORD_SHA256);
    try {
      User user = User.of(name, section.get(UserSettings.RULES), commands);
      if (password.isPresent()) {
        user = user.withPassword(password.get().value());
      }
      if (hash.isPresent()) {
        user = user.withHash(hash.get().value());
      }
      return Optional.of(
          new UserSettings(
              name,
              user.rules(),
              new UserOptions(
                  section.get(UserSettings.CACHE), section.get(UserSettings.REQUESTS_PER_SECOND))));
    } catch (BadRuleException wrong) {
      section.report(UserSettings.RULES, "has a wrong " + wrong.getMessage());
      return Optional.empty();
    }
  }
}
