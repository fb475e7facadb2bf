package io.cashew.proxy.config;

/** A value that its key does not take. Whoever reads the key adds the place. */
final class BadValue extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param text what is wrong and what to write instead
   */
  BadValue(String text) {
    super(text, null, false, false);
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
