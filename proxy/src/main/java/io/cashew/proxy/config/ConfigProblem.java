package io.cashew.proxy.config;

/**
 * One thing that is wrong with a configuration.
 *
 * @param file the file as the user named it
 * @param line 1 for the first line; 0: the problem has no line
 * @param key path of the key: {@code cashew.pools.sessions.hash}; empty: the problem has no key
 * @param text what is wrong and what to write instead
 */
public record ConfigProblem(String file, int line, String key, String text) {

  @Override
  public String toString() {
    return file + (line > 0 ? ":" + line : "") + ": " + (key.isEmpty() ? "" : key + ": ") + text;
  }
}
