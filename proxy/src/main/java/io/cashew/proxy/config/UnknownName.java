package io.cashew.proxy.config;

import io.cashew.hashing.registry.NearestName;
import java.util.Collection;

/** What is said of a name that is not among the known ones. */
final class UnknownName {
  private UnknownName() {}

  /** {@code unknown hash 'murmr', did you mean 'murmur'? known: …}. */
  static String text(String kind, String given, Collection<String> known) {
    return "unknown " + kind + " '" + given + "'" + question(given, known);
  }

  /** {@code , did you mean 'murmur'? known: …}. */
  static String question(String given, Collection<String> known) {
    return ", did you mean '"
        + NearestName.to(given, known)
        + "'? known: "
        + String.join(" ", known);
  }
}
