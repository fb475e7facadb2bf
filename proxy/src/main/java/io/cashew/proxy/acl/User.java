package io.cashew.proxy.acl;

import io.cashew.proxy.command.AclCategory;
import io.cashew.proxy.command.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Somebody whom clients can be, and what they may do then. Immutable, shared by all threads. */
public final class User {
  private final String name;
  private final boolean enabled;
  private final boolean noPassword;
  private final boolean skipsSanitizing;
  private final List<String> passwords;
  private final List<Selector> selectors;
  private final boolean unrestricted;
  private final UserOptions options;

  User(
      String name,
      boolean enabled,
      boolean noPassword,
      boolean skipsSanitizing,
      List<String> passwords,
      List<Selector> selectors) {
    this(name, enabled, noPassword, skipsSanitizing, passwords, selectors, UserOptions.STANDARD);
  }

  private User(
      String name,
      boolean enabled,
      boolean noPassword,
      boolean skipsSanitizing,
      List<String> passwords,
      List<Selector> selectors,
      UserOptions options) {
    this.name = name;
    this.enabled = enabled;
    this.noPassword = noPassword;
    this.skipsSanitizing = skipsSanitizing;
    this.passwords = List.copyOf(passwords);
    this.selectors = List.copyOf(selectors);
    unrestricted = selectors.stream().anyMatch(Selector::allowsEverything);
    this.options = options;
  }

  /**
   * A user by rules.
   *
   * @param name without white space
   * @param rules as those of {@code ACL SETUSER}: {@code on >secret ~cache:* +@read}
   * @param table the commands that rules can name
   * @throws BadRuleException with the first rule that Redis would refuse
   */
  public static User of(String name, String rules, CommandTable table) throws BadRuleException {
    UserRules reader = new UserRules(table);
    reader.applyAll(rules);
    return reader.user(name);
  }

  /** This user with a password more. */
  public User withPassword(String password) {
    return withHash(PasswordHash.of(password));
  }

  /**
   * This user with a password more, of which only the hash is known.
   *
   * @param sha256 64 lower-case hexadecimal digits
   */
  public User withHash(String sha256) {
    if (!PasswordHash.isHash(sha256)) {
      throw new IllegalArgumentException("not 64 lower-case hexadecimal digits");
    }
    List<String> more = new ArrayList<>(passwords);
    if (!more.contains(sha256)) {
      more.add(sha256);
    }
    return new User(name, enabled, false, skipsSanitizing, more, selectors, options);
  }

  /** This user with other options. */
  public User with(UserOptions others) {
    return new User(name, enabled, noPassword, skipsSanitizing, passwords, selectors, others);
  }

  /** What the proxy does for it besides checking its rights. */
  public UserOptions options() {
    return options;
  }

  public String name() {
    return name;
  }

  /** Whether clients can become this user. */
  public boolean enabled() {
    return enabled;
  }

  /** Whether any password is right. */
  public boolean noPassword() {
    return noPassword;
  }

  /** Whether there is nothing that it may not do, so that no request need be checked. */
  public boolean unrestricted() {
    return unrestricted;
  }

  /**
   * Whether it may run scripts although its rules do not allow it all keys: what a script does on a
   * node is not checked, so such rules promise more than they keep.
   *
   * @param table the commands that its rules name
   */
  public boolean reachesOtherKeysByScripts(CommandTable table) {
    return selectors.stream()
        .filter(selector -> !selector.allKeys())
        .anyMatch(
            selector ->
                table.all().stream()
                    .filter(command -> command.aclCategories().contains(AclCategory.SCRIPTING))
                    .anyMatch(command -> command.hasMovableKeys() && selector.allows(command)));
  }

  /** Whether clients become this user with this password. */
  boolean admits(byte[] password) {
    boolean right = PasswordHash.isAnyOf(password, passwords);
    return enabled && (noPassword || right);
  }

  /** As {@code ACL GETUSER} lists them: {@code on nopass}. */
  public List<String> flags() {
    List<String> flags = new ArrayList<>();
    flags.add(enabled ? "on" : "off");
    if (noPassword) {
      flags.add("nopass");
    }
    flags.add(skipsSanitizing ? "skip-sanitize-payload" : "sanitize-payload");
    return flags;
  }

  /** The SHA-256 of each password, in hexadecimal digits. */
  public List<String> passwords() {
    return passwords;
  }

  /** What may be done: first the user's own rules, then each in parentheses. */
  public List<Selector> selectors() {
    return selectors;
  }

  /**
   * All rules, passwords as hashes, in the order of {@code ACL LIST}. A user of these rules is
   * equal to this one.
   */
  public String rules() {
    StringBuilder text = new StringBuilder(String.join(" ", flags())).append(' ');
    passwords.forEach(hash -> text.append('#').append(hash).append(' '));
    text.append(selectors.get(0).description());
    for (Selector selector : selectors.subList(1, selectors.size())) {
      text.append(" (").append(selector.description()).append(')');
    }
    return text.toString();
  }

  /**
   * Redis's error for a request that was not allowed.
   *
   * @param verdict why not
   * @param command full name of the command
   * @param sortOption of a {@link Verdict#SORT_PATTERN}: BY or GET
   * @return the text without its {@code -}; characters are bytes
   */
  public String error(Verdict verdict, String command, String sortOption) {
    return switch (verdict) {
      case COMMAND ->
          "NOPERM User " + nameBytes() + " has no permissions to run the '" + command + "' command";
      case KEY -> "NOPERM No permissions to access a key";
      case CHANNEL -> "NOPERM No permissions to access a channel";
      case SORT_PATTERN ->
          "ERR " + sortOption + " option of SORT denied due to insufficient ACL permissions";
      case ALLOWED, MALFORMED -> throw new IllegalArgumentException(verdict + " is no refusal");
    };
  }

  private String nameBytes() {
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return name;
  }
}
