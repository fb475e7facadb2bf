package io.cashew.proxy.conformance;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Which scripts there are. */
final class Scripts {
  /** One a family of commands. */
  static final List<String> FAMILIES =
      List.of(
          "strings",
          "hashes",
          "lists",
          "sets",
          "sortedsets",
          "streams",
          "geo",
          "hyperloglog",
          "bitmaps",
          "generic",
          "scripting",
          "connection",
          "server",
          "errors",
          "newer",
          "transactions",
          "blocking",
          "raw",
          "introspection",
          "client",
          "pubsub",
          "tracking");

  /** The name of the generated script of modules' commands. */
  static final String MODULES = "modules";

  /** Scripts of commands that the servers of the build do not know: their words come through. */
  static final Set<String> UNKNOWN_TO_NODES = Set.of("newer", MODULES);

  /**
   * Names that are no commands, and one that Redis 6 does not list: they are played all the same.
   */
  static final Set<String> KNOWN_TO_NOBODY = Set.of("nosuchcommand", "gett", "", "quit");

  /** Several connections, or replies that depend on who came first. */
  private static final Set<String> NOT_AT_ONCE =
      Set.of("connection", "raw", "transactions", "blocking", "pubsub", "tracking", "client");

  private Scripts() {}

  static Stream<String> all() {
    return FAMILIES.stream();
  }

  /** Those that make sense as one pipeline. */
  static Stream<String> pipelined() {
    return all().filter(name -> !NOT_AT_ONCE.contains(name));
  }
}
