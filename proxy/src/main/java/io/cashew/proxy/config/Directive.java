package io.cashew.proxy.config;

/**
 * A row of the table of directives of a {@code nutcracker.yml}.
 *
 * @param name as the file writes it
 * @param form the values that it takes, in words
 * @param standard its default, in words
 * @param required whether a pool must have it
 * @param reading turns the text of a value into a setting; its problems are worded to follow {@code
 *     directive "name"}
 * @param fallback the value when the file has none, and after a problem
 * @param doc what becomes of it
 */
record Directive<T>(
    String name,
    String form,
    String standard,
    boolean required,
    Reading<T> reading,
    T fallback,
    String doc) {

  /** Reads the text of one value. */
  interface Reading<T> {
    T read(String text) throws BadValue;
  }
}
