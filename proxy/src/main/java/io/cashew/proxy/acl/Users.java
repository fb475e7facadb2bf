package io.cashew.proxy.acl;

import io.cashew.proxy.command.AclCategory;
import io.cashew.proxy.command.CommandTable;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The users of one pool; {@code default} is always one of them. Immutable, shared by all threads.
 */
public final class Users {
  /** The user that a client is before it says anything. */
  public static final String DEFAULT = "default";

  private static final String EVERYTHING = "on nopass ~* &* +@all";

  /** Nobody is this user: a password for a name that is not there takes as long as another. */
  private static final User NOBODY;

  static {
    try {
      NOBODY = User.of("", "off", CommandTable.standard()).withPassword("");
    } catch (BadRuleException wrong) {
      throw new ExceptionInInitializerError(wrong);
    }
  }

  private final TreeMap<String, User> byName = new TreeMap<>();
  private final User defaultUser;
  private final Set<String> withRules;

  private Users(Map<String, User> users, User everybody) {
    byName.putAll(users);
    withRules = Set.copyOf(users.keySet());
    defaultUser = byName.computeIfAbsent(DEFAULT, name -> everybody);
  }

  /**
   * Users by rules.
   *
   * @param rulesByName the rules of each user. Without some for {@code default}, that one may do
   *     everything
   * @param defaultPassword what clients must send to be that {@code default}; null: nothing
   * @param table the commands that rules can name
   * @throws BadRuleException with the first rule that Redis would refuse
   */
  public static Users of(
      Map<String, String> rulesByName, @Nullable String defaultPassword, CommandTable table)
      throws BadRuleException {
    return of(rulesByName, Map.of(), defaultPassword, table);
  }

  /**
   * Users by rules.
   *
   * @param rulesByName the rules of each user. Without some for {@code default}, that one may do
   *     everything
   * @param options of users that have some, by name
   * @param defaultPassword what clients must send to be that {@code default}; null: nothing
   * @param table the commands that rules can name
   * @throws BadRuleException with the first rule that Redis would refuse
   */
  public static Users of(
      Map<String, String> rulesByName,
      Map<String, UserOptions> options,
      @Nullable String defaultPassword,
      CommandTable table)
      throws BadRuleException {
    TreeMap<String, User> users = new TreeMap<>();
    for (Map.Entry<String, String> entry : rulesByName.entrySet()) {
      String name = entry.getKey();
      users.put(
          name,
          User.of(name, entry.getValue(), table)
              .with(options.getOrDefault(name, UserOptions.STANDARD)));
    }
    User everybody = User.of(DEFAULT, EVERYTHING, table);
    return new Users(
        users, defaultPassword == null ? everybody : everybody.withPassword(defaultPassword));
  }

  /** The user that a client is before it says anything. */
  public User defaultUser() {
    return defaultUser;
  }

  /** Whether rules say what the user of this name may do: without rules {@code default} may all. */
  public boolean haveRulesFor(String name) {
    return withRules.contains(name);
  }

  /** Whether clients may do something before they have sent a password. */
  public boolean open() {
    return defaultUser.enabled() && defaultUser.noPassword();
  }

  /** The user of this name; null if there is none. */
  public @Nullable User find(String name) {
    return byName.get(name);
  }

  /** In the order of their names. */
  public Collection<User> all() {
    return byName.values();
  }

  /** The user of this name if the password is right and it is enabled; else null. */
  public @Nullable User authenticate(String name, byte[] password) {
    User user = byName.get(name);
    return (user == null ? NOBODY : user).admits(password) ? user : null;
  }

  /** A category by its name without the {@code @}, in any case; null if there is none. */
  public static @Nullable AclCategory category(String name) {
    for (AclCategory category : AclCategory.values()) {
      if (category.word().equals(name.toLowerCase(Locale.ROOT))) {
        return category;
      }
    }
    return null;
  }
}
