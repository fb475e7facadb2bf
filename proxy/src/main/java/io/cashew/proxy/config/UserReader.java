package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.acl.BadRuleException;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.command.CommandTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the users of a pool. Their rules are tried here, where a wrong one has a line. */
final class UserReader {
  private UserReader() {}

  /** The users in the order of their names; those with a problem are left out. */
  static List<UserSettings> read(Section pool, CommandTable commands) {
    Map<String, ConfigValue> entries =
        new TreeMap<>(
            pool.get(HoconKeys.USERS).<Map<String, ConfigValue>>map(o -> o).orElse(Map.of()));
    List<UserSettings> users = new ArrayList<>();
    entries.forEach(
        (name, value) -> {
          String key = HoconKeys.USERS.name() + "." + ConfigUtil.joinPath(name);
          if (!(value instanceof ConfigObject object)) {
            pool.report(
                value, key, "must be an object { rules, password, … }, not " + typeName(value));
            return;
          }
          Section section = pool.inside(object, pool.path() + "." + key, HoconKeys.USER);
          Optional<String> half = section.nameWithoutQuotes(name);
          if (half.isPresent()) {
            pool.report(value, key, half.get());
            return;
          }
          section.refuseUnknownKeys();
          user(name, section, commands).ifPresent(users::add);
        });
    if (entries.containsKey(Users.DEFAULT) && pool.has(HoconKeys.PASSWORD)) {
      pool.report(
          HoconKeys.PASSWORD,
          "is the password of the user default, which "
              + HoconKeys.USERS.name()
              + " defines, too: write its password there, and that of the nodes in node-auth");
    }
    return users;
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
    Optional<Secret> password = section.get(HoconKeys.USER_PASSWORD);
    Optional<Secret> hash = section.get(HoconKeys.USER_PASSWORD_SHA256);
    try {
      User user = User.of(name, section.get(HoconKeys.USER_RULES), commands);
      if (password.isPresent()) {
        user = user.withPassword(password.get().value());
      }
      if (hash.isPresent()) {
        user = user.withHash(hash.get().value());
      }
      return Optional.of(new UserSettings(name, user.rules()));
    } catch (BadRuleException wrong) {
      section.report(HoconKeys.USER_RULES, "has a wrong " + wrong.getMessage());
      return Optional.empty();
    }
  }
}
