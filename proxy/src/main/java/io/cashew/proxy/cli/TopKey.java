package io.cashew.proxy.cli;

/**
 * A key that was pressed.
 *
 * @param character of {@link Kind#CHARACTER}, else 0
 */
record TopKey(Kind kind, char character) {
  enum Kind {
    UP,
    DOWN,
    LEFT,
    RIGHT,
    PAGE_UP,
    PAGE_DOWN,
    HOME,
    END,
    HELP,
    FILTER,
    QUIT,
    ENTER,
    ESCAPE,
    BACKSPACE,
    CHARACTER
  }

  static TopKey of(Kind kind) {
    return new TopKey(kind, '\0');
  }

  static TopKey of(char character) {
    return new TopKey(Kind.CHARACTER, character);
  }
}
