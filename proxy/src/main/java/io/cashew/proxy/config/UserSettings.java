package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import com.typesafe.config.ConfigUtil;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A user of a pool.
 *
 * @param name without white space
 * @param rules as {@code ACL LIST} of Redis shows them, which has the hashes of the passwords; they
 *     are known to be right
 */
public record UserSettings(String name, String rules) {
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

  private UserSettings(Values<UserSettings> from) {
    this("", from.get(RULES));
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
