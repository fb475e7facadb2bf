package io.cashew.proxy.conformance;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Scripts that follow from the command table. */
final class GeneratedScripts {

  /** A key of each type, and a request that makes it. */
  private static final List<List<String>> TYPES =
      List.of(
          List.of("SET", "{t}string", "text"),
          List.of("RPUSH", "{t}list", "a", "b"),
          List.of("HSET", "{t}hash", "f", "v"),
          List.of("SADD", "{t}set", "1", "2"),
          List.of("ZADD", "{t}zset", "1", "m"),
          List.of("XADD", "{t}stream", "1-1", "f", "v"));

  /** Neither short enough to expire, nor large enough to fill a node. */
  private static final String NUMBER = "1000000";

  private GeneratedScripts() {}

  static Stream<Script> all() {
    return Stream.of(everyCommandOnEveryType(), modules());
  }

  /** Every command that is forwarded or split, with as few arguments as it takes. */
  private static Script everyCommandOnEveryType() {
    List<Step> steps = new ArrayList<>();
    for (Command command : CommandTable.standard().all()) {
      boolean forwarded = command.kind() == Kind.FORWARD || command.kind() == Kind.SPLIT;
      if (forwarded && !command.has(CommandFlag.MODULE) && Math.abs(command.arity()) > 1) {
        for (List<String> type : TYPES) {
          add(List.of("DEL", type.get(1)), steps);
          add(type, steps);
          add(request(command, type.get(1)), steps);
        }
      }
    }
    return new Script("every command on every type", steps);
  }

  /** What modules would carry out: the node says that it does not know it. */
  private static Script modules() {
    List<Step> steps = new ArrayList<>();
    for (Command command : CommandTable.standard().all()) {
      if (command.kind() == Kind.FORWARD && command.has(CommandFlag.MODULE)) {
        add(request(command, "1"), steps);
      }
    }
    return new Script(Scripts.MODULES, steps);
  }

  private static List<String> request(Command command, String key) {
    List<String> words = List.of(command.name().toUpperCase(Locale.ROOT).split("\\|"));
    List<String> request = new ArrayList<>(words);
    // Where keys are depends on arguments, all are 1: a number of keys, and a key.
    String other = command.firstKey() == 0 ? "1" : NUMBER;
    int size = Math.abs(command.arity()) + (command.hasMovableKeys() ? 1 : 0);
    while (request.size() < size || (command.keyStep() == 2 && request.size() % 2 == 0)) {
      request.add(isKey(command, request.size()) ? key : other);
    }
    return request;
  }

  private static boolean isKey(Command command, int index) {
    int first = command.firstKey();
    int last = command.lastKey() < 0 ? Integer.MAX_VALUE : command.lastKey();
    return first > 0 && index >= first && index <= last && (index - first) % command.keyStep() == 0;
  }

  private static void add(List<String> request, List<Step> to) {
    String place = "generated:" + to.size();
    to.add(new Step(place, String.join(" ", request), 0, 'A', Step.Action.CALL, request));
  }
}
