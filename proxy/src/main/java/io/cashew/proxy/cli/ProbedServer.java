package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.topology.RoleReply;

/**
 * A server that was asked for its role.
 *
 * @param address where
 * @param role what it says that it is
 * @param answers whether it says anything
 */
record ProbedServer(Address address, RoleReply role, boolean answers) {

  boolean isPrimary() {
    return role instanceof RoleReply.Primary;
  }

  /** One word: {@code primary}, {@code replica}, {@code unknown}, {@code silent}. */
  String word() {
    if (isPrimary()) {
      return "primary";
    }
    if (role instanceof RoleReply.Replica) {
      return "replica";
    }
    return answers ? "unknown" : "silent";
  }

  /** A clause for people. */
  String text() {
    return address.text() + " " + says();
  }

  private String says() {
    if (isPrimary()) {
      return "is primary";
    }
    if (role instanceof RoleReply.Replica replica) {
      return "is a replica of " + replica.primary();
    }
    return answers ? "says no role" : "does not answer";
  }
}
