package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import com.typesafe.config.ConfigUtil;
import io.cashew.proxy.acl.UserOptions;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A user of a pool.
 *
 * @param name without white space
 * @param rules as {@code ACL LIST} of Redis shows them, which has the hashes of the passwords; they
 *     are known to be right
 * @param options what the proxy does for the user besides
 */
public record UserSettings(String name, String rules, UserOptions options) {
  private static final Pattern PASSWORD_OF_RULE = Pattern.compile("(?<=^|[ (])([#>])\\S+");

  static final Table<UserSettings> TABLE =
      Table.titled("A user, in `auth.users.NAME`", UserSettings::new);

  static final Setting<UserSettings, String> RULES =
      TABLE.required(
          "rules",
          Texts.text().writtenAs(UserSettings::rulesText),
          "off",
          WITH_THE_WHOLE,
          UserSettings::rules,
          "What `ACL SETUSER` of Redis 7.2 takes, in the same order and with the same meaning: `on`,"
              + " `>password`, `#sha256`, `nopass`, `~pattern`, `%R~pattern`, `&channel`, `+command`,"
              + " `-command|subcommand`, `+@category`, `(…)`. A user begins as `off` and may do"
              + " nothing; a line of an ACL file fits from behind the name.");

  static final Setting<UserSettings, Optional<Secret>> PASSWORD =
      TABLE.optional(
          "password",
          Texts.secret(),
          "not set",
          WITH_THE_WHOLE,
          user -> Optional.empty(),
          "A password besides those of `rules`; `${ALICE_PASSWORD}` reads it from the environment.");

  static final Setting<UserSettings, Optional<Secret>> PASSWORD_SHA256 =
      TABLE.optional(
          "password-sha256",
          Texts.sha256(),
          "not set",
          WITH_THE_WHOLE,
          user -> Optional.empty(),
          "The SHA-256 of a password, so that the password itself is written nowhere.");

  static final Setting<UserSettings, Boolean> CACHE =
      TABLE.row(
          "cache",
          Kinds.flag(),
          "on",
          WITH_THE_WHOLE,
          user -> user.options.usesCache(),
          "`off`: the rules of the pool's cache (`cache.rules`) are not for this user's requests.");

  static final Setting<UserSettings, Integer> REQUESTS_PER_SECOND =
      TABLE.row(
          "requests-per-second",
          Kinds.integer(0, RequestRates.MOST),
          "0",
          WITH_THE_WHOLE,
          user -> user.options.requestsPerSecond(),
          "Requests that all clients of this user together may send in a second; those above get an"
              + " error. 0 is as many as `limits.requests-per-second-per-user` says.");

  private UserSettings(Values<UserSettings> from) {
    this("", from.get(RULES), new UserOptions(from.get(CACHE), from.get(REQUESTS_PER_SECOND)));
  }

  /** A user with the default options. */
  public UserSettings(String name, String rules) {
    this(name, rules, UserOptions.STANDARD);
  }

  private static String rulesText(String rules, boolean hides) {
    return ConfigUtil.quoteString(
        hides ? PASSWORD_OF_RULE.matcher(rules).replaceAll("$1" + Texts.HIDDEN) : rules);
  }

  @Override
  public String toString() {
    return name + " ***";
  }
}
