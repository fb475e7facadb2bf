package io.cashew.proxy.command;

import java.util.Locale;

/** Redis's ACL categories. Those that follow from a row's flags are not said in the row. */
public enum AclCategory implements Trait {
  KEYSPACE,
  READ,
  WRITE,
  SET,
  SORTEDSET,
  LIST,
  HASH,
  STRING,
  BITMAP,
  HYPERLOGLOG,
  GEO,
  STREAM,
  PUBSUB,
  ADMIN,
  FAST,
  SLOW,
  BLOCKING,
  DANGEROUS,
  CONNECTION,
  TRANSACTION,
  SCRIPTING;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** As Redis spells it, without the {@code @}. */
  public String word() {
    return word;
  }
}
