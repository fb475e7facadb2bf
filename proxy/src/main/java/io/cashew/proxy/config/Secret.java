package io.cashew.proxy.config;

/** A password: it never shows in a log. */
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
