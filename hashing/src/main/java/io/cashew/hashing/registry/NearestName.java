package io.cashew.hashing.registry;

import java.util.Collection;
import java.util.Locale;

/** What somebody who mistyped a name most likely meant. Stateless. */
public final class NearestName {
  private NearestName() {}

  /**
   * Finds the name that takes the fewest insertions, deletions and replacements of a character
   * (Levenshtein distance) of letters and digits only, upper and lower case being the same: so
   * {@code fnv1a64} is {@code fnv1a_64}, not {@code fnv1_64}.
   *
   * @param wanted what was written
   * @param known the names to choose from, at least one
   * @return one of {@code known}; of several equally near ones the first
   * @throws IllegalArgumentException if {@code known} is empty
   */
  public static String to(String wanted, Collection<String> known) {
    String nearest = "";
    int best = Integer.MAX_VALUE;
    for (String name : known) {
      int distance = distance(bare(wanted), bare(name));
      if (distance < best) {
        best = distance;
        nearest = name;
      }
    }
    if (best == Integer.MAX_VALUE) {
      throw new IllegalArgumentException("no names to choose from");
    }
    return nearest;
  }

  private static String bare(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
  }

  private static int distance(String left, String right) {
    int[] row = new int[right.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[right.length()];
  }
}
