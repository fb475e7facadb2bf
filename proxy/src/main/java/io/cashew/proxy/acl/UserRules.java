package io.cashew.proxy.acl;

import io.cashew.proxy.command.CommandTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A {@link User} while its rules are read, as {@code ACL SETUSER} of Redis 7.2 reads them. Used by
 * the thread that reads them.
 */
final class UserRules {
  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
  private static final String HIDDEN = "(password)";
  private static final String BAD_HASH =
      "The password hash must be exactly 64 characters and contain only lowercase hexadecimal"
          + " characters";
  private static final String NO_SUCH_PASSWORD =
      "The password you are trying to remove from the user does not exist";

  private final CommandTable table;
  private boolean enabled;
  private boolean noPassword;
  private boolean skipsSanitizing;
  private final List<String> passwords = new ArrayList<>();
  private SelectorRules root;
  private final List<Selector> selectors = new ArrayList<>();

  /** A user that is off and may do nothing. */
  UserRules(CommandTable table) {
    this.table = table;
    root = new SelectorRules(table);
  }

  /** Applies rules that white space separates. */
  void applyAll(String rules) throws BadRuleException {
    boolean afterPassword = false;
    for (String rule : merged(words(rules))) {
      try {
        apply(rule);
      } catch (BadRuleException wrong) {
        // What follows a password may be the rest of one that has white space in it.
        throw afterPassword ? shown(wrong, HIDDEN) : wrong;
      }
      afterPassword = rule.startsWith(">") || rule.startsWith("<");
    }
  }

  private static BadRuleException shown(BadRuleException wrong, String rule) {
    String reason = wrong.getMessage().substring(("rule '" + wrong.rule() + "': ").length());
    return new BadRuleException(rule, reason);
  }

  private static List<String> words(String rules) {
    return WHITE_SPACE.splitAsStream(rules).filter(word -> !word.isEmpty()).toList();
  }

  /** A selector is one rule, however many words are in its parentheses. */
  private static List<String> merged(List<String> words) throws BadRuleException {
    List<String> rules = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (String word : words) {
      if (open.length() > 0) {
        open.append(' ');
      } else if (!word.startsWith("(") || word.endsWith(")")) {
        rules.add(word);
        continue;
      }
      open.append(word);
      if (word.endsWith(")")) {
        rules.add(open.toString());
        open.setLength(0);
      }
    }
    if (open.length() > 0) {
      throw new BadRuleException(open.toString(), "Unmatched parenthesis in acl selector");
    }
    return rules;
  }

  private void apply(String rule) throws BadRuleException {
    switch (rule.toLowerCase(Locale.ROOT)) {
      case "on" -> enabled = true;
      case "off" -> enabled = false;
      case "skip-sanitize-payload" -> skipsSanitizing = true;
      case "sanitize-payload" -> skipsSanitizing = false;
      case "nopass" -> noPassword(true);
      case "resetpass" -> noPassword(false);
      case "clearselectors" -> selectors.clear();
      case "reset" -> reset();
      default -> applyToOne(rule);
    }
  }

  private void applyToOne(String rule) throws BadRuleException {
    String rest = rule.substring(1);
    switch (rule.charAt(0)) {
      case '>' -> addPassword(PasswordHash.of(rest));
      case '#' -> addPassword(hash(rule, rest));
      case '<' -> removePassword(rule, PasswordHash.of(rest));
      case '!' -> removePassword(rule, hash(rule, rest));
      case '(' -> selectors.add(selector(rule));
      default -> root.apply(rule);
    }
  }

  private Selector selector(String rule) throws BadRuleException {
    if (!rule.endsWith(")")) {
      throw new BadRuleException(rule, "Syntax error");
    }
    SelectorRules rules = new SelectorRules(table);
    for (String word : words(rule.substring(1, rule.length() - 1))) {
      try {
        rules.apply(word);
      } catch (BadRuleException wrong) {
        throw shown(wrong, rule);
      }
    }
    return new Selector(rules);
  }

  private void noPassword(boolean none) {
    noPassword = none;
    passwords.clear();
  }

  private void reset() {
    noPassword(false);
    enabled = false;
    skipsSanitizing = false;
    selectors.clear();
    root = new SelectorRules(table);
  }

  /** Whoever writes a password where its hash belongs must not find it in a log. */
  private static String hash(String rule, String text) throws BadRuleException {
    if (!PasswordHash.isHash(text)) {
      throw new BadRuleException(rule.charAt(0) + HIDDEN, BAD_HASH);
    }
    return text;
  }

  private void addPassword(String hash) {
    noPassword = false;
    if (!passwords.contains(hash)) {
      passwords.add(hash);
    }
  }

  private void removePassword(String rule, String hash) throws BadRuleException {
    if (!passwords.remove(hash)) {
      throw new BadRuleException(rule.charAt(0) + HIDDEN, NO_SUCH_PASSWORD);
    }
  }

  /** The user as the rules so far make it. */
  User user(String name) {
    List<Selector> all = new ArrayList<>();
    all.add(new Selector(root));
    all.addAll(selectors);
    return new User(name, enabled, noPassword, skipsSanitizing, passwords, all);
  }
}
