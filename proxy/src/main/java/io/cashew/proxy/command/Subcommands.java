package io.cashew.proxy.command;

/** What a container's row says of its subcommands. */
enum Subcommands implements Trait {
  /**
   * Redis knows but does not publish them. Those that have no row here, and requests that do not
   * have the shape of a row, are requests of the container's own row.
   */
  UNLISTED
}
