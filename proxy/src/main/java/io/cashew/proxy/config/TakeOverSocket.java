package io.cashew.proxy.config;

/**
 * The unix socket at which a process hands its listeners over to its successor.
 *
 * @param place whether there is one
 * @param path absolute, where the place is {@code FILE}; else empty
 */
public record TakeOverSocket(Place place, String path) {

  /** Whether there is a socket, and who names it. */
  public enum Place {
    /** One that is named after the admin address. */
    AUTO,
    /** None. */
    OFF,
    /** The file that the configuration names. */
    FILE
  }

  static final TakeOverSocket AUTO = new TakeOverSocket(Place.AUTO, "");
  static final TakeOverSocket OFF = new TakeOverSocket(Place.OFF, "");

  /** As the configuration writes it. */
  String text() {
    return switch (place) {
      case AUTO -> "auto";
      case OFF -> "off";
      case FILE -> path;
    };
  }
}
