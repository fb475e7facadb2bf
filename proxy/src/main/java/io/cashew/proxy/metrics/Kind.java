package io.cashew.proxy.metrics;

/** A value of the label {@code kind}: an enum constant whose order is only that of its array. */
interface Kind {

  /** The value of the label {@code kind}. */
  String label();

  /** One clause for the document of metrics. */
  String help();
}
