package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.SentinelSettings;
import io.cashew.proxy.resp.ReplyValue;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Asks the Sentinels of a pool once where a master is, and what else they know of it. Blocks. */
final class SentinelProbe {
  /** An election is over by then, but for those that have to be repeated. */
  private static final long ELECTION_MILLIS = 2000;

  private final PoolSettings pool;
  private final SentinelSettings sentinel;
  private final Optional<NodeAuth> login;
  private final Map<String, Integer> votes = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();
  private final List<String> away = new ArrayList<>();
  private long downAfterMillis;
  private int answering;

  private SentinelProbe(PoolSettings pool) {
    this.pool = pool;
    sentinel = pool.sentinel();
    login = sentinel.password().map(password -> new NodeAuth(sentinel.username(), password));
  }

  /**
   * What they say.
   *
   * @param primary that most name; empty: most do not agree
   * @param problem why there is none
   * @param error what is wrong with the configuration; empty: nothing
   * @param warnings what works but hurts
   */
  record Said(
      Optional<Address> primary,
      Optional<String> problem,
      Optional<String> error,
      List<String> warnings) {}

  /** Asks all. */
  static Said ask(PoolSettings pool, String master) {
    SentinelProbe probe = new SentinelProbe(pool);
    for (Address address : probe.sentinel.addresses()) {
      try {
        probe.ask(address, master);
      } catch (IOException | UnresolvedAddressException wrong) {
        probe.away.add(address.text() + " " + why(wrong));
      }
    }
    return probe.said(master);
  }

  private static String why(Exception wrong) {
    return wrong instanceof UnresolvedAddressException
        ? "has a host name that does not resolve"
        : "cannot be asked (" + wrong.getMessage() + ")";
  }

  private ReplyValue send(Address address, String... words) throws IOException {
    return NodeProbe.ask(address, login, sentinel.tls(), List.of(List.of(words))).get(0);
  }

  private void ask(Address address, String master) throws IOException {
    ReplyValue named = send(address, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", master);
    if (named.type() == '-') {
      away.add(address.text() + " " + whatInstead(named.text()));
      return;
    }
    answering++;
    List<ReplyValue> parts = named.elements();
    if (parts.size() < 2) {
      for (ReplyValue each : send(address, "SENTINEL", "MASTERS").elements()) {
        Optional.ofNullable(fields(each).get("name")).ifPresent(known::add);
      }
      return;
    }
    votes.merge(parts.get(0).text() + " " + parts.get(1).text(), 1, Integer::sum);
    String downAfter =
        fields(send(address, "SENTINEL", "MASTER", master))
            .getOrDefault("down-after-milliseconds", "0");
    downAfterMillis = Math.max(downAfterMillis, Long.parseLong(downAfter));
  }

  private static String whatInstead(String error) {
    if (error.startsWith("NOAUTH") || error.startsWith("WRONGPASS")) {
      return "answers " + error + ": set sentinel.password";
    }
    return error.startsWith("ERR unknown command")
        ? "is no Sentinel: sentinel.addresses names the Sentinels, whose port is usually 26379"
        : "answers " + error;
  }

  /** Of an array of names and values in turn. */
  private static Map<String, String> fields(ReplyValue pairs) {
    Map<String, String> fields = new HashMap<>();
    List<ReplyValue> elements = pairs.elements();
    for (int i = 0; i + 1 < elements.size(); i += 2) {
      fields.put(elements.get(i).text(), elements.get(i + 1).text());
    }
    return fields;
  }

  private Said said(String master) {
    int all = sentinel.addresses().size();
    if (votes.isEmpty() && answering > 0) {
      return new Said(
          Optional.empty(),
          Optional.of("has an unknown master"),
          Optional.of(
              "the Sentinels know no master '"
                  + master
                  + (known.isEmpty()
                      ? "', nor any other: write SENTINEL MONITOR there first"
                      : "': write master = one of " + String.join(", ", known))),
          List.of());
    }
    Optional<String[]> most =
        votes.entrySet().stream()
            .filter(each -> 2 * each.getValue() > all)
            .map(each -> each.getKey().split(" ", -1))
            .findFirst();
    String awayText = String.join(", ", away);
    if (most.isEmpty()) {
      return new Said(
          Optional.empty(),
          Optional.of(
              "has no primary: "
                  + answering
                  + " of "
                  + all
                  + " Sentinels answer, and most do not agree on where it is"
                  + (away.isEmpty() ? "" : ": " + awayText)),
          Optional.empty(),
          List.of());
    }
    List<String> warnings = new ArrayList<>();
    if (!away.isEmpty()) {
      warnings.add(away.size() + " of " + all + " Sentinels cannot vote: " + awayText);
    }
    waitIsShort(downAfterMillis + ELECTION_MILLIS).ifPresent(warnings::add);
    String[] address = most.get();
    return new Said(
        Optional.of(new Address.Tcp(address[0], Integer.parseInt(address[1]))),
        Optional.empty(),
        Optional.empty(),
        warnings);
  }

  private Optional<String> waitIsShort(long failoverMillis) {
    long waitMillis = pool.health().failoverWaitMillis();
    return downAfterMillis == 0 || waitMillis >= failoverMillis
        ? Optional.empty()
        : Optional.of(
            "failover-wait is "
                + waitMillis
                + " ms, and the Sentinels may take "
                + failoverMillis
                + " ms to replace a primary that dies (down-after-milliseconds "
                + downAfterMillis
                + " and an election): requests fail meanwhile; set failover-wait = "
                + failoverMillis
                + "ms");
  }
}
