package io.cashew.proxy.acl;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.KeySpec;
import io.cashew.proxy.resp.RequestFrame;
import java.util.List;
import java.util.Set;

/**
 * Says whether a user may send a request: one selector must allow all of it, the command, its keys
 * and its channels. Confined to its worker, which reuses it for each request; allocates nothing.
 */
public final class AccessCheck {
  private final KeyPositions positions = new KeyPositions();
  private int argument;

  /**
   * Checks a request whose arity matches.
   *
   * @return what {@link #argument} and {@link #malformed} tell more of
   */
  public Verdict check(User user, Command command, RequestFrame frame) {
    Verdict reason = Verdict.COMMAND;
    int furthest = 0;
    List<Selector> selectors = user.selectors();
    for (int i = 0; i < selectors.size(); i++) {
      argument = 0;
      Verdict verdict = check(selectors.get(i), command, frame);
      if (verdict == Verdict.ALLOWED || verdict == Verdict.MALFORMED) {
        return verdict;
      }
      int difference = verdict.compareTo(reason);
      if (difference > 0 || (difference == 0 && argument > furthest)) {
        reason = verdict;
        furthest = argument;
      }
    }
    argument = furthest;
    return reason;
  }

  /** Index of the argument that was not allowed; of an option of {@code SORT}, its pattern. */
  public int argument() {
    return argument;
  }

  /** Why the last request was malformed, as Redis words it. */
  public String malformed() {
    String error = positions.error();
    return error == null ? "ERR syntax error" : error;
  }

  /**
   * Checks a request of which only the beginning is there.
   *
   * @return whether it is allowed however it goes on
   */
  public boolean allowsPartial(User user, Command command, RequestFrame frame) {
    if (!command.hasOneKey() || command.firstKey() >= frame.argc() || command.hasChannels()) {
      return false;
    }
    Set<KeyFlag> flags = command.keySpecs().get(0).flags();
    for (Selector selector : user.selectors()) {
      if (selector.allows(command)
          && (selector.allKeys()
              || selector.allowsKey(frame, command.firstKey(), reads(flags), writes(flags)))) {
        return true;
      }
    }
    return false;
  }

  private Verdict check(Selector selector, Command command, RequestFrame frame) {
    if (!selector.allows(command, frame)) {
      return Verdict.COMMAND;
    }
    if (!selector.allKeys()) {
      Verdict verdict = checkKeys(selector, command, frame);
      if (verdict != Verdict.ALLOWED) {
        return verdict;
      }
    }
    return selector.allChannels() || !command.has(CommandFlag.PUBSUB)
        ? Verdict.ALLOWED
        : checkChannels(selector, command, frame);
  }

  private Verdict checkKeys(Selector selector, Command command, RequestFrame frame) {
    positions.clear();
    List<KeySpec> specs = command.keySpecs();
    Verdict verdict = Verdict.ALLOWED;
    for (int i = 0; i < specs.size(); i++) {
      KeySpec spec = specs.get(i);
      Set<KeyFlag> flags = spec.flags();
      if (flags.contains(KeyFlag.NOT_KEY)) {
        continue;
      }
      int from = positions.count();
      if (!spec.find(command.name(), frame, positions)) {
        return Verdict.MALFORMED;
      }
      boolean varies = flags.contains(KeyFlag.VARIABLE_FLAGS);
      boolean reads = varies ? VariableAccess.reads(command, frame) : reads(flags);
      boolean writes = varies ? VariableAccess.writes(command, frame) : writes(flags);
      for (int key = from; verdict == Verdict.ALLOWED && key < positions.count(); key++) {
        if (!selector.allowsKey(frame, positions.index(key), reads, writes)) {
          argument = positions.index(key);
          verdict = Verdict.KEY;
        }
      }
    }
    if (verdict == Verdict.ALLOWED && positions.patternCount() > 0 && !selector.readsAllKeys()) {
      argument = positions.pattern(0);
      return Verdict.SORT_PATTERN;
    }
    return verdict;
  }

  private static boolean reads(Set<KeyFlag> flags) {
    return flags.contains(KeyFlag.ACCESS);
  }

  private static boolean writes(Set<KeyFlag> flags) {
    return flags.contains(KeyFlag.UPDATE)
        || flags.contains(KeyFlag.INSERT)
        || flags.contains(KeyFlag.DELETE);
  }

  /** Who leaves a channel, or asks about it, needs no right to it. */
  private Verdict checkChannels(Selector selector, Command command, RequestFrame frame) {
    boolean isPattern = false;
    switch (command.name()) {
      case "publish", "spublish", "subscribe", "ssubscribe" -> {}
      case "psubscribe" -> isPattern = true;
      default -> {
        return Verdict.ALLOWED;
      }
    }
    positions.clear();
    if (!command.channels(frame, positions)) {
      return Verdict.MALFORMED;
    }
    for (int i = 0; i < positions.count(); i++) {
      if (!selector.allowsChannel(frame, positions.index(i), isPattern)) {
        argument = positions.index(i);
        return Verdict.CHANNEL;
      }
    }
    return Verdict.ALLOWED;
  }
}
