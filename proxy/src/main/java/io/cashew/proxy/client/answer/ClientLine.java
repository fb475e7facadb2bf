package io.cashew.proxy.client.answer;

import io.cashew.proxy.client.Client;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The line of a client in {@code CLIENT LIST}: the fields of Redis 7.2 in its order. What a client
 * of a proxy has not is 0, or -1 where Redis says so.
 */
final class ClientLine {
  private record Field(String name, Function<Client, Object> value) {}

  private static Field field(String name, Function<Client, Object> value) {
    return new Field(name, value);
  }

  private static final List<Field> FIELDS =
      List.of(
          field("id", client -> client.session().id()),
          field("addr", client -> client.session().peer()),
          field("laddr", client -> client.session().local()),
          field("fd", client -> client.figures().fileDescriptor()),
          field("name", client -> client.session().name()),
          field("age", client -> client.session().ageSeconds()),
          field("idle", client -> client.figures().idleSeconds()),
          field("flags", ClientLine::flags),
          field("db", client -> client.session().database()),
          field("sub", client -> client.session().channels()),
          field("psub", client -> client.session().patterns()),
          field("ssub", client -> client.session().shardChannels()),
          field("multi", client -> client.mode().queuedCommands()),
          field("qbuf", client -> client.figures().unhandledBytes()),
          field("qbuf-free", client -> 0),
          field("argv-mem", client -> client.figures().argumentBytes()),
          field("multi-mem", client -> 0),
          field("rbs", client -> 0),
          field("rbp", client -> 0),
          field("obl", client -> 0),
          field("oll", client -> 0),
          field("omem", client -> client.figures().queuedBytes()),
          field(
              "tot-mem",
              client -> client.figures().unhandledBytes() + client.figures().queuedBytes()),
          field("events", client -> "r"),
          field("cmd", client -> client.session().lastCommand()),
          field("user", client -> client.session().user()),
          field("redir", client -> client.session().redirect()),
          field("resp", client -> client.session().resp3() ? 3 : 2),
          field("lib-name", client -> client.session().libraryName()),
          field("lib-ver", client -> client.session().libraryVersion()));

  private record Flag(char letter, Function<Client, Boolean> isSet) {}

  private static Flag flag(char letter, Function<Client, Boolean> isSet) {
    return new Flag(letter, isSet);
  }

  private static final List<Flag> FLAGS =
      List.of(
          flag('P', client -> client.session().subscribed()),
          flag('x', client -> client.mode().inTransaction()),
          flag('b', client -> client.figures().blocked()),
          flag('t', client -> client.session().redirect() >= 0),
          flag('c', client -> client.figures().closing()),
          flag('U', client -> !client.session().isTcp()),
          flag('e', client -> client.session().noEvict()),
          flag('T', client -> client.session().noTouch()));

  private ClientLine() {}

  /** The line, without its end. */
  static String of(Client client) {
    return FIELDS.stream()
        .map(field -> field.name() + "=" + field.value().apply(client))
        .collect(Collectors.joining(" "));
  }

  private static String flags(Client client) {
    StringBuilder letters = new StringBuilder();
    for (Flag flag : FLAGS) {
      if (flag.isSet().apply(client)) {
        letters.append(flag.letter());
      }
    }
    return letters.length() == 0 ? "N" : letters.toString();
  }
}
