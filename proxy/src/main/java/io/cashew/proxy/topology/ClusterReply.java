package io.cashew.proxy.topology;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.Requests;
import io.cashew.proxy.topology.ClusterServer.Condition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of its Redis Cluster. Immutable.
 *
 * <p>{@code CLUSTER NODES} has what decides: who is primary, of which slots, since which epoch.
 * {@code CLUSTER SLOTS} has where clients are to connect, which may be a name and another port than
 * the one that servers use among each other.
 */
sealed interface ClusterReply {

  /** What is asked. */
  List<List<String>> QUESTIONS =
      List.of(
          List.of("CLUSTER", "NODES"),
          List.of("CLUSTER", "SLOTS"),
          List.of("CLUSTER", "INFO"),
          List.of("CONFIG", "GET", "cluster-databases"));

  /** The same in RESP. */
  List<byte[]> REQUESTS =
      QUESTIONS.stream().map(words -> Requests.of(words.toArray(String[]::new))).toList();

  /** How many slots there are. */
  int SLOTS = SlotRange.SLOTS;

  /**
   * The Cluster as the server sees it.
   *
   * @param teller id of the server; empty: it has not said
   * @param epoch of the Cluster: how much the server has heard of; 0: not known
   * @param serves whether the server takes requests: not if it is cut off, or slots are missing
   * @param databases that each server has, at least 1
   * @param servers all that it knows, itself included
   */
  record View(String teller, long epoch, boolean serves, int databases, List<ClusterServer> servers)
      implements ClusterReply {
    public View {
      servers = List.copyOf(servers);
    }
  }

  /**
   * It does not say.
   *
   * @param why the error, or that the reply is none
   */
  record Unknown(String why) implements ClusterReply {}

  /**
   * Reads the replies to {@link #REQUESTS}; whatever they are, nothing is thrown.
   *
   * @param replies null: none came
   * @param addresses of the server that was asked
   */
  static ClusterReply of(@Nullable List<ReplyValue> replies, ClusterAddresses addresses) {
    if (replies == null || replies.size() < REQUESTS.size()) {
      return new Unknown("no reply");
    }
    ReplyValue nodes = replies.get(0);
    ReplyValue slots = replies.get(1);
    List<ClusterServer> told = new ArrayList<>();
    String teller = "";
    if (nodes.isText()) {
      for (String line : nodes.words().split("\n", -1)) {
        List<String> fields = Arrays.asList(line.strip().split(" ", -1));
        Optional<ClusterServer> server = server(fields, addresses);
        if (server.isPresent()) {
          told.add(server.get());
          teller = hasFlag(fields, "myself") ? server.get().id() : teller;
        }
      }
    }
    List<ClusterServer> servers = atEndpoints(told, slots, addresses);
    if (servers.isEmpty()) {
      boolean isError = nodes.type() == '-' || nodes.type() == '!';
      return new Unknown(isError ? nodes.text() : "a reply to CLUSTER NODES that names no server");
    }
    String info = replies.get(2).isText() ? replies.get(2).words() : "";
    return new View(
        teller,
        ServerAddress.number(field(info, "cluster_current_epoch"), 0),
        !field(info, "cluster_state").equals("fail"),
        databases(replies.get(3)),
        servers);
  }

  private static String field(String info, String name) {
    for (String line : info.split("\n", -1)) {
      if (line.startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }

  private static int databases(ReplyValue config) {
    List<ReplyValue> pair = config.elements();
    long number = pair.size() == 2 ? ServerAddress.number(pair.get(1).text(), 1) : 1;
    return (int) Math.max(1, Math.min(number, Integer.MAX_VALUE));
  }

  // ---------------------------------------------------------------- CLUSTER NODES

  /** Fields of a line before those of the slots. */
  int FIELDS = 8;

  private static boolean hasFlag(List<String> fields, String flag) {
    return Arrays.asList(fields.get(2).split(",", -1)).contains(flag);
  }

  /** {@code id ip:port@bus[,host] flags primary ping pong epoch link slot slot …}. */
  private static Optional<ClusterServer> server(List<String> fields, ClusterAddresses addresses) {
    if (fields.size() < FIELDS || fields.get(0).isEmpty()) {
      return Optional.empty();
    }
    Condition condition = Condition.WELL;
    if (hasFlag(fields, "handshake")) {
      condition = Condition.STRANGE;
    } else if (hasFlag(fields, "fail")) {
      condition = Condition.FAILED;
    } else if (hasFlag(fields, "fail?")) {
      condition = Condition.SUSPECTED;
    }
    boolean myself = hasFlag(fields, "myself");
    boolean replica = hasFlag(fields, "slave") || hasFlag(fields, "replica");
    String primary = fields.get(3);
    return Optional.of(
        new ClusterServer(
            fields.get(0),
            hasFlag(fields, "noaddr") ? "" : address(fields.get(1), myself, addresses),
            replica ? primary : "",
            Math.max(0, ServerAddress.number(fields.get(6), 0)),
            condition,
            slots(fields.subList(FIELDS, fields.size()))));
  }

  private static String address(String text, boolean myself, ClusterAddresses addresses) {
    String place = text.split(",", -1)[0].split("@", -1)[0];
    int colon = place.lastIndexOf(':');
    if (colon < 0) {
      return "";
    }
    String host = place.substring(0, colon);
    // Only of itself a server may not know where it is.
    return host.isEmpty() && !myself ? "" : addresses.of(host, place.substring(colon + 1));
  }

  /** Those in brackets are on their way, and still where they were. */
  private static List<SlotRange> slots(List<String> texts) {
    List<SlotRange> ranges = new ArrayList<>();
    for (String text : texts) {
      int dash = text.indexOf('-');
      long first = ServerAddress.number(dash < 0 ? text : text.substring(0, dash), -1);
      long last = dash < 0 ? first : ServerAddress.number(text.substring(dash + 1), -1);
      add(ranges, first, last);
    }
    return ranges;
  }

  private static void add(List<SlotRange> ranges, long first, long last) {
    if (first >= 0 && first <= last && last < SLOTS) {
      ranges.add(new SlotRange((int) first, (int) last));
    }
  }

  // ---------------------------------------------------------------- CLUSTER SLOTS

  /** The servers at the addresses for clients; all that there are if nothing else has told. */
  private static List<ClusterServer> atEndpoints(
      List<ClusterServer> told, ReplyValue slots, ClusterAddresses addresses) {
    Map<String, String> endpoints = new HashMap<>();
    Map<String, ClusterServer> listed = new HashMap<>();
    for (ReplyValue range : slots.type() == '*' ? slots.elements() : List.<ReplyValue>of()) {
      String primary = "";
      List<ReplyValue> parts = range.elements();
      for (int i = 2; i < parts.size(); i++) {
        String address = endpoint(parts.get(i), addresses);
        String id = id(parts.get(i), address);
        if (!id.isEmpty()) {
          endpoints.put(id, address);
          list(listed, id, address, primary, i == 2 ? range : null);
        }
        primary = i == 2 ? id : primary;
      }
    }
    if (told.isEmpty()) {
      return List.copyOf(listed.values());
    }
    return told.stream()
        .map(
            server -> {
              String endpoint = endpoints.getOrDefault(server.id(), "");
              return endpoint.isEmpty() ? server : server.at(endpoint);
            })
        .toList();
  }

  private static String id(ReplyValue server, String address) {
    return server.elements().size() > 2 ? server.elements().get(2).text() : address;
  }

  private static void list(
      Map<String, ClusterServer> listed,
      String id,
      String address,
      String primary,
      @Nullable ReplyValue range) {
    ClusterServer before = listed.get(id);
    List<SlotRange> ranges = before == null ? new ArrayList<>() : new ArrayList<>(before.slots());
    if (range != null) {
      add(
          ranges,
          ServerAddress.number(range.elements().get(0).text(), -1),
          ServerAddress.number(range.elements().get(1).text(), -1));
    }
    listed.put(id, new ClusterServer(id, address, primary, 0, Condition.WELL, ranges));
  }

  /** {@code [endpoint, port, id, [metadata]]}: a name, an address, or none that is known. */
  private static String endpoint(ReplyValue server, ClusterAddresses addresses) {
    List<ReplyValue> fields = server.elements();
    if (fields.size() < 2) {
      return "";
    }
    ReplyValue host = fields.get(0);
    String port = fields.get(1).text();
    if (!host.text().equals("?")) {
      return addresses.of(host.isNil() ? "" : host.text(), port);
    }
    List<ReplyValue> more = fields.size() > 3 ? fields.get(3).elements() : List.of();
    for (int i = 0; i + 1 < more.size(); i += 2) {
      if (more.get(i).text().equals("ip") && !more.get(i + 1).text().isEmpty()) {
        return addresses.of(more.get(i + 1).text(), port);
      }
    }
    return "";
  }
}
