package io.cashew.proxy.cache;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;

/** What a command is to the near cache. */
public enum Role {
  /** It tells nothing of keys and changes none. */
  NONE,

  /** {@code GET}. */
  GET,

  /** {@code MGET}. */
  MGET,

  /** It tells something of a value, which what is kept of it tells as well: STRLEN, GETRANGE. */
  VALUE,

  /** It reads a field of a hash. */
  HGET,

  /** It reads fields of a hash. */
  HMGET,

  /** It reads a whole hash. */
  HGETALL,

  /** It reads or writes the keys that it names. */
  KEYS,

  /** It deletes the keys that it names, and does nothing else: DEL, UNLINK, GETDEL. */
  DELETION,

  /** It may write to keys that it does not name as well. */
  SCRIPT,

  /** It may change every key. */
  EVERY_KEY,

  /** It executes what was queued. */
  EXEC,

  /** It ends a transaction that is not executed. */
  DISCARD;

  /** The role of a command. */
  public static Role of(Command command) {
    if (command.has(Property.EXECUTES_QUEUED)) {
      return EXEC;
    }
    if (command.runsScript()) {
      return SCRIPT;
    }
    Role byName = byName(command.name());
    if (byName != NONE) {
      return byName;
    }
    Kind kind = command.kind();
    return switch (kind) {
      case LOCAL, REFUSED, PUBSUB, TRANSACTION -> NONE;
      case FORWARD, SPLIT, BLOCKING, ONE_NODE, KEYSPACE, ADMIN ->
          namesKeys(command) ? KEYS : mayChangeData(command) ? EVERY_KEY : NONE;
    };
  }

  private static Role byName(String name) {
    return switch (name) {
      case "get" -> GET;
      case "mget" -> MGET;
      case "hget" -> HGET;
      case "hmget" -> HMGET;
      case "hgetall" -> HGETALL;
      case "strlen", "getrange", "substr" -> VALUE;
      case "del", "unlink", "getdel" -> DELETION;
      case "discard" -> DISCARD;
      default -> NONE;
    };
  }

  private static boolean namesKeys(Command command) {
    return command.firstKey() > 0 || command.hasMovableKeys();
  }

  /** Of scripts and functions only their running changes data. */
  private static boolean mayChangeData(Command command) {
    return !command.group().equals("scripting")
        && (command.has(CommandFlag.WRITE) || command.name().startsWith("debug"));
  }
}
