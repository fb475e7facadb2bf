package io.cashew.proxy.acl;

import io.cashew.proxy.command.AclCategory;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.GlobPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A {@link Selector} while its rules are read, each of which changes what those before it have
 * said. Used by the thread that reads them.
 */
final class SelectorRules {
  private static final String SYNTAX = "Syntax error";
  private static final String UNKNOWN = "Unknown command or category name in ACL";
  private static final String KEYS_AFTER_ALL =
      "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have"
          + " any effect. Try 'resetkeys' to start with an empty list of patterns";
  private static final String CHANNELS_AFTER_ALL =
      "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not"
          + " have any effect. Try 'resetchannels' to start with an empty list of channels";

  private final CommandTable table;
  private final long[] commandBits;
  private final Map<Integer, List<String>> firstArguments = new HashMap<>();
  private final List<String> commandRules = new ArrayList<>();
  private boolean allCommands;
  private boolean laterCommands;
  private final List<KeyPattern> keys = new ArrayList<>();
  private boolean allKeys;
  private final List<GlobPattern> channels = new ArrayList<>();
  private boolean allChannels;

  /** Nothing is allowed. */
  SelectorRules(CommandTable table) {
    this.table = table;
    commandBits = new long[(table.ids() + 63) >> 6];
  }

  /** Applies one rule. */
  void apply(String rule) throws BadRuleException {
    switch (rule.toLowerCase(Locale.ROOT)) {
      case "allkeys", "~*" -> allKeys(true);
      case "resetkeys" -> allKeys(false);
      case "allchannels", "&*" -> allChannels(true);
      case "resetchannels" -> allChannels(false);
      case "allcommands", "+@all" -> allCommands(true);
      case "nocommands", "-@all" -> allCommands(false);
      default -> applyToOne(rule);
    }
  }

  private void applyToOne(String rule) throws BadRuleException {
    char kind = rule.charAt(0);
    String rest = rule.substring(1);
    if (kind == '~' || kind == '%') {
      addKey(rule);
    } else if (kind == '&') {
      addChannel(rule, rest);
    } else if ((kind == '+' || kind == '-') && rest.startsWith("@")) {
      change(rule, category(rule, rest.substring(1)), kind == '+');
    } else if (kind == '+' && rest.indexOf('|') >= 0) {
      allowPart(rule, rest);
    } else if (kind == '+' || kind == '-') {
      change(known(rule, rest), kind == '+');
    } else {
      throw new BadRuleException(rule, SYNTAX);
    }
  }

  private void allKeys(boolean all) {
    allKeys = all;
    keys.clear();
  }

  private void allChannels(boolean all) {
    allChannels = all;
    channels.clear();
  }

  private void allCommands(boolean all) {
    allCommands = all;
    laterCommands = all;
    Arrays.fill(commandBits, all ? -1 : 0);
    firstArguments.clear();
    commandRules.clear();
  }

  private void addKey(String rule) throws BadRuleException {
    if (allKeys) {
      throw new BadRuleException(rule, KEYS_AFTER_ALL);
    }
    int tilde = rule.indexOf('~');
    String access = tilde < 0 ? "?" : rule.substring(0, tilde).toUpperCase(Locale.ROOT);
    KeyPattern key =
        switch (access) {
          case "", "%RW", "%WR" -> key(rule, tilde, true, true);
          case "%R" -> key(rule, tilde, true, false);
          case "%W" -> key(rule, tilde, false, true);
          default -> throw new BadRuleException(rule, SYNTAX);
        };
    for (int i = 0; i < keys.size(); i++) {
      KeyPattern other = keys.get(i);
      if (other.pattern().text().equals(key.pattern().text())) {
        keys.set(
            i,
            new KeyPattern(
                key.pattern(), other.reads() || key.reads(), other.writes() || key.writes()));
        return;
      }
    }
    keys.add(key);
  }

  private static KeyPattern key(String rule, int tilde, boolean reads, boolean writes)
      throws BadRuleException {
    return new KeyPattern(pattern(rule, rule.substring(tilde + 1)), reads, writes);
  }

  private static GlobPattern pattern(String rule, String text) throws BadRuleException {
    if (text.chars().anyMatch(c -> c == 0 || c == ' ' || (c >= '\t' && c <= '\r'))) {
      throw new BadRuleException(rule, SYNTAX);
    }
    return new GlobPattern(text);
  }

  private void addChannel(String rule, String text) throws BadRuleException {
    if (allChannels) {
      throw new BadRuleException(rule, CHANNELS_AFTER_ALL);
    }
    GlobPattern channel = pattern(rule, text);
    if (channels.stream().noneMatch(other -> other.text().equals(text))) {
      channels.add(channel);
    }
  }

  private Command known(String rule, String name) throws BadRuleException {
    Command command = table.find(name);
    if (command == null) {
      throw new BadRuleException(rule, UNKNOWN);
    }
    return command;
  }

  private static AclCategory category(String rule, String name) throws BadRuleException {
    AclCategory category = Users.category(name);
    if (category == null) {
      throw new BadRuleException(rule, UNKNOWN);
    }
    return category;
  }

  /**
   * {@code +config|get}, or {@code +select|0}: a command that has no subcommands, with one word.
   */
  private void allowPart(String rule, String name) throws BadRuleException {
    int bar = name.lastIndexOf('|');
    Command command = known(rule, name.substring(0, bar));
    String argument = name.substring(bar + 1);
    if (command.name().indexOf('|') >= 0) {
      throw new BadRuleException(rule, "Allowing first-arg of a subcommand is not supported");
    }
    if (argument.isEmpty()) {
      throw new BadRuleException(rule, SYNTAX);
    }
    if (command.isContainer()) {
      change(known(rule, name), true);
      return;
    }
    List<String> arguments = firstArguments.computeIfAbsent(command.id(), id -> new ArrayList<>());
    if (arguments.stream().noneMatch(argument::equalsIgnoreCase)) {
      arguments.add(argument.toUpperCase(Locale.ROOT));
    }
    addRule('+', name);
  }

  private void change(Command command, boolean allow) {
    set(command, allow);
    addRule(allow ? '+' : '-', command.name());
  }

  private void change(String rule, AclCategory category, boolean allow) {
    for (Command command : table.all()) {
      if (command.aclCategories().contains(category)) {
        set(command, allow);
      }
    }
    addRule(rule.charAt(0), rule.substring(1));
  }

  /** A container takes its subcommands with it. */
  private void set(Command command, boolean allow) {
    setBit(command.id(), allow);
    firstArguments.remove(command.id());
    command.subcommands().forEach(subcommand -> setBit(subcommand.id(), allow));
  }

  private void setBit(int id, boolean allow) {
    if (allow) {
      commandBits[id >> 6] |= 1L << id;
    } else {
      commandBits[id >> 6] &= ~(1L << id);
      allCommands = false;
    }
  }

  /** The newest rule of a command takes the place of older ones, and of those of its parts. */
  private void addRule(char sign, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    commandRules.removeIf(
        rule -> rule.substring(1).equals(lower) || rule.startsWith(lower + "|", 1));
    commandRules.add(sign + lower);
  }

  boolean allCommands() {
    return allCommands;
  }

  /** Whether commands that this table does not know are allowed, too. */
  boolean laterCommands() {
    return laterCommands;
  }

  long[] commandBits() {
    return commandBits.clone();
  }

  Map<Integer, List<String>> firstArguments() {
    return Map.copyOf(firstArguments);
  }

  List<String> commandRules() {
    return List.copyOf(commandRules);
  }

  boolean allKeys() {
    return allKeys;
  }

  List<KeyPattern> keys() {
    return List.copyOf(keys);
  }

  boolean allChannels() {
    return allChannels;
  }

  List<GlobPattern> channels() {
    return List.copyOf(channels);
  }
}
