package io.cashew.proxy.config;

/**
 * Another value of one key.
 *
 * @param key its path below its section: {@code limits.clients}
 * @param before the former value as a person reads it; of a secret: that there is one
 * @param after the new one
 * @param effect how it comes into force
 */
public record SettingChange(String key, String before, String after, ReloadEffect effect) {

  /** One line: {@code timeout: 1s -> 2s, at once}. */
  public String text() {
    String values = before.equals(after) ? "changed" : before + " -> " + after;
    return key + ": " + values + ", " + effect.text();
  }
}
