package io.cashew.proxy.acl;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.GlobPattern;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Commands, and the keys and channels with which they may be run. A user has one of its own and any
 * number of others in parentheses. Immutable, shared by all threads.
 */
public final class Selector {
  private final boolean allCommands;
  private final boolean laterCommands;
  private final long[] commandBits;
  private final Map<Integer, List<String>> firstArguments;
  private final List<String> commandRules;
  private final boolean allKeys;
  private final List<KeyPattern> keys;
  private final boolean allChannels;
  private final List<GlobPattern> channels;

  Selector(SelectorRules rules) {
    allCommands = rules.allCommands();
    laterCommands = rules.laterCommands();
    commandBits = rules.commandBits();
    firstArguments = rules.firstArguments();
    commandRules = rules.commandRules();
    allKeys = rules.allKeys();
    keys = rules.keys();
    allChannels = rules.allChannels();
    channels = rules.channels();
  }

  boolean allowsEverything() {
    return allCommands && allKeys && allChannels;
  }

  boolean allKeys() {
    return allKeys;
  }

  boolean allChannels() {
    return allChannels;
  }

  /** Whether the command may be run, with these arguments if that depends on the first one. */
  boolean allows(Command command, RequestFrame frame) {
    return allows(command)
        || command.has(CommandFlag.NO_AUTH)
        || (!firstArguments.isEmpty() && allowsFirstArgument(command, frame));
  }

  /** Whether the command may be run with any arguments. */
  boolean allows(Command command) {
    return allCommands || bit(command.id());
  }

  private boolean bit(int id) {
    int word = id >> 6;
    return word < commandBits.length ? (commandBits[word] >>> id & 1) != 0 : laterCommands;
  }

  private boolean allowsFirstArgument(Command command, RequestFrame frame) {
    List<String> allowed = firstArguments.get(command.id());
    return allowed != null
        && frame.argc() > 1
        && allowed.stream().anyMatch(argument -> frame.argEquals(1, argument));
  }

  boolean allowsKey(RequestFrame frame, int argument, boolean reads, boolean writes) {
    ByteBuf buf = frame.buf();
    int offset = frame.offset(argument);
    int length = frame.length(argument);
    for (int i = 0; i < keys.size(); i++) {
      KeyPattern key = keys.get(i);
      if (key.allows(reads, writes) && key.pattern().matches(buf, offset, length)) {
        return true;
      }
    }
    return false;
  }

  /** Whether every key may be read. */
  boolean readsAllKeys() {
    return allKeys
        || keys.stream().anyMatch(key -> key.reads() && key.pattern().text().equals("*"));
  }

  /**
   * A channel must fit one of the patterns; a pattern of a {@code PSUBSCRIBE} must be one of them.
   */
  boolean allowsChannel(RequestFrame frame, int argument, boolean isPattern) {
    ByteBuf buf = frame.buf();
    int offset = frame.offset(argument);
    int length = frame.length(argument);
    for (int i = 0; i < channels.size(); i++) {
      GlobPattern channel = channels.get(i);
      if (isPattern
          ? channel.isLiterally(buf, offset, length)
          : channel.matches(buf, offset, length)) {
        return true;
      }
    }
    return false;
  }

  /** Rules of commands, as {@code ACL GETUSER} shows them: {@code -@all +get}. */
  public String commands() {
    String start = laterCommands ? "+@all" : "-@all";
    return commandRules.isEmpty() ? start : start + " " + String.join(" ", commandRules);
  }

  /** Rules of keys, as {@code ACL GETUSER} shows them: {@code ~a* %R~b}; empty: no key. */
  public String keys() {
    return allKeys ? "~*" : keys.stream().map(KeyPattern::rule).collect(Collectors.joining(" "));
  }

  /** Rules of channels, as {@code ACL GETUSER} shows them: {@code &a &b*}; empty: no channel. */
  public String channels() {
    return allChannels
        ? "&*"
        : channels.stream().map(channel -> "&" + channel.text()).collect(Collectors.joining(" "));
  }

  /** All rules in the order of {@code ACL LIST}. */
  String description() {
    String keyRules = keys();
    String channelRules = channels();
    return (keyRules.isEmpty() ? "" : keyRules + " ")
        + (allChannels ? "" : channelRules.isEmpty() ? "resetchannels" : "resetchannels ")
        + channelRules
        + " "
        + commands();
  }

  @Override
  public String toString() {
    return description();
  }
}
