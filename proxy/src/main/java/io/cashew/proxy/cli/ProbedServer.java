package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.topology.RoleReply;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that was asked for its role.
 *
 * @param address where
 * @param role what it says that it is
 * @param answers whether it says anything
 * @param isOfCluster whether it is one of a Redis Cluster
 * @param run what it calls this run of itself, whatever the address; empty: it does not say
 * @param data what it calls the history of its data, which a replica has of its primary; empty: it
 *     does not say
 */
record ProbedServer(
    Address address,
    RoleReply role,
    boolean answers,
    boolean isOfCluster,
    String run,
    String data) {
  private static final Pattern RUN = Pattern.compile("^run_id:(\\w+)\r?$", Pattern.MULTILINE);
  private static final Pattern DATA =
      Pattern.compile("^master_replid:(\\w+)\r?$", Pattern.MULTILINE);

  /**
   * As it answers.
   *
   * @param replies to {@code ROLE}, {@code INFO cluster}, {@code INFO server} and {@code INFO
   *     replication}; none: it does not answer
   */
  static ProbedServer of(Address address, List<ReplyValue> replies) {
    return new ProbedServer(
        address,
        RoleReply.of(replies.isEmpty() ? null : replies.get(0)),
        !replies.isEmpty(),
        replies.size() > 1
            && replies.get(1).isText()
            && replies.get(1).words().contains("cluster_enabled:1"),
        field(replies, 2, RUN),
        field(replies, 3, DATA));
  }

  private static String field(List<ReplyValue> replies, int which, Pattern field) {
    if (replies.size() <= which || !replies.get(which).isText()) {
      return "";
    }
    Matcher found = field.matcher(replies.get(which).words());
    return found.find() ? found.group(1) : "";
  }

  boolean isPrimary() {
    return role instanceof RoleReply.Primary;
  }

  /** If it is primary: its replicas on its own machine, as far as addresses tell. */
  List<String> replicasOnItsHost(List<ProbedServer> all) {
    if (!(role instanceof RoleReply.Primary primary)) {
      return List.of();
    }
    Set<String> replicas = new LinkedHashSet<>(primary.replicas());
    all.stream()
        .filter(server -> server.role instanceof RoleReply.Replica)
        .forEach(server -> replicas.add(server.address.text()));
    return replicas.stream().filter(each -> host(each).equals(host(address.text()))).toList();
  }

  /** Two unix sockets are those of one machine. */
  private static String host(String text) {
    return text.startsWith("unix:")
        ? "unix"
        : text.substring(0, Math.max(0, text.lastIndexOf(':')));
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
