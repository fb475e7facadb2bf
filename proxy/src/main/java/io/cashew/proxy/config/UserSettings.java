package io.cashew.proxy.config;

/**
 * A user of a pool.
 *
 * @param name without white space
 * @param rules as {@code ACL LIST} of Redis shows them, which has the hashes of the passwords; they
 *     are known to be right
 */
public record UserSettings(String name, String rules) {
  @Override
  public String toString() {
    return name + " ***";
  }
}
