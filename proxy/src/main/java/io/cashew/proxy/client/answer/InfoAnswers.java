package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.text;
import static io.cashew.proxy.client.Arguments.argument;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.gather.Merger;
import io.cashew.proxy.route.gather.NodeReplies;
import io.netty.buffer.ByteBuf;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code INFO}: what the proxy says of itself, and what its nodes say of themselves as if they were
 * one server. Nodes that do not answer are missing in the sums; how many there are and how many
 * have answered stands under {@code # Server}.
 *
 * <p>Clients, requests and bytes on the network are the proxy's, memory, persistence, hits and keys
 * the nodes'. If administration is allowed, the statistics of requests are the nodes', too, and
 * they are asked at each {@code INFO}; otherwise {@link NodesInfo} spares them.
 */
final class InfoAnswers {
  /** All sections, in Redis's order; the last is the proxy's. */
  private static final List<String> SECTIONS =
      List.of(
          "server",
          "clients",
          "memory",
          "persistence",
          "stats",
          "replication",
          "cpu",
          "modules",
          "commandstats",
          "errorstats",
          "latencystats",
          "cluster",
          "keyspace",
          "nodes");

  private static final Set<String> NOT_IN_DEFAULT = Set.of("commandstats", "latencystats", "nodes");

  /** Sections that only the proxy fills. */
  private static final Set<String> PROXYS_OWN = Set.of("server", "replication", "cluster", "nodes");

  /** As above, where nodes may not be administered. */
  private static final Set<String> PROXYS_IF_REFUSED =
      Set.of(
          "server",
          "clients",
          "replication",
          "commandstats",
          "errorstats",
          "latencystats",
          "cluster",
          "nodes");

  /** What nodes say of their clients and means the proxy's connections. */
  private static final Set<String> OF_CONNECTIONS =
      Set.of("connected_clients", "cluster_connections", "maxclients", "blocked_clients");

  /** Where nodes may be administered, theirs are the ones that are asked for. */
  private static final List<String> OF_NODES =
      List.of("Memory", "Persistence", "Stats", "Commandstats", "Errorstats", "Latencystats");

  private static final byte[] NOBODY_ANSWERS =
      Replies.error("ERR no node has said this of itself in time, nor before");

  private final ProxyFacts proxy;
  private final NodesInfo nodesInfo;

  private InfoAnswers(ProxyFacts proxy, NodesInfo nodesInfo) {
    this.proxy = proxy;
    this.nodesInfo = nodesInfo;
  }

  /** Adds the handler to a table. */
  static void addTo(HandlerTable table, ProxyFacts proxy, NodesInfo nodesInfo) {
    table.on("info", new InfoAnswers(proxy, nodesInfo)::info);
  }

  private void info(Client client, RequestFrame frame) {
    List<String> wanted = wanted(frame);
    InfoText own = own(client);
    boolean administers = client.pool().settings().adminCommands();
    if ((administers ? PROXYS_OWN : PROXYS_IF_REFUSED).containsAll(wanted)) {
      text(client, own.text(wanted));
    } else if (administers) {
      askEveryNode(client, own, wanted);
    } else {
      askSparingly(client, own, wanted);
    }
  }

  private void askSparingly(Client client, InfoText own, List<String> wanted) {
    PendingReply slot = client.addSlot();
    boolean resp3 = client.session().resp3();
    PoolPart pool = client.pool();
    Lane lane = pool.router().lane(client.session().id(), resp3, client.session().database());
    nodesInfo.ask(
        pool.router(),
        lane,
        pool.worker().nowNanos(),
        said -> {
          String text = besideOwn(own, said).text(wanted);
          slot.give(
              text.isEmpty() && said.known() == 0 && !wanted.isEmpty()
                  ? NOBODY_ANSWERS
                  : Answers.textReply(text, resp3));
        });
  }

  private static InfoText besideOwn(InfoText own, NodesInfo.Said nodes) {
    InfoText all = new InfoText().with(nodes.text());
    all.remove(PROXYS_IF_REFUSED);
    if (nodes.known() > 0) {
      own.remove(Set.of("persistence"));
    }
    all.with(own);
    all.section("Server").put("nodes_that_answered", "" + nodes.answered());
    return all;
  }

  private static void askEveryNode(Client client, InfoText own, List<String> wanted) {
    ByteBuf request = client.pool().worker().allocator().directBuffer();
    try {
      request.writeBytes(nodesRequest(wanted));
      Answers.askNodes(client, request, new OfNodes(own, wanted, client));
    } finally {
      request.release();
    }
  }

  private static List<String> wanted(RequestFrame frame) {
    Set<String> names = new LinkedHashSet<>();
    for (int i = 1; i < frame.argc(); i++) {
      names.add(argument(frame, i).toLowerCase(Locale.ROOT));
    }
    if (names.isEmpty()) {
      names.add("default");
    }
    return SECTIONS.stream().filter(section -> isWanted(section, names)).toList();
  }

  private static boolean isWanted(String section, Set<String> names) {
    return names.contains(section)
        || names.contains("everything")
        || (names.contains("all") && !section.equals("modules"))
        || (names.contains("default") && !NOT_IN_DEFAULT.contains(section));
  }

  /** One section by its name, as every version of Redis can; else all, to choose from. */
  private static byte[] nodesRequest(List<String> wanted) {
    List<String> theirs = wanted.stream().filter(section -> !PROXYS_OWN.contains(section)).toList();
    String section = theirs.size() == 1 ? theirs.get(0) : "everything";
    return Replies.bytes("*2\r\n$4\r\nINFO\r\n$" + section.length() + "\r\n" + section + "\r\n");
  }

  /** Puts what the nodes say beside what the proxy says. */
  private static final class OfNodes implements Merger {
    private final InfoText own;
    private final List<String> wanted;
    private final boolean resp3;
    private final int waiting;

    OfNodes(InfoText own, List<String> wanted, Client client) {
      this.own = own.inBytes();
      this.wanted = wanted;
      resp3 = client.session().resp3();
      waiting = client.pool().directory().waiting();
    }

    @Override
    public int needed(int nodes) {
      return 0;
    }

    @Override
    public ReplyValue merge(NodeReplies replies) {
      InfoText nodes =
          InfoText.merged(
              replies.values().stream().map(value -> InfoText.read(value.words())).toList());
      Map<String, String> clients = nodes.section("Clients");
      @Nullable String blocked = clients.get("blocked_clients");
      clients.keySet().removeAll(OF_CONNECTIONS);
      if (!replies.values().isEmpty()) {
        OF_NODES.forEach(section -> own.section(section).clear());
      }
      InfoText all = new InfoText().with(own);
      all.section("Clients").putAll(clients);
      if (blocked != null) {
        all.section("Clients").put("blocked_clients", "" + (Long.parseLong(blocked) + waiting));
      }
      nodes.remove(PROXYS_OWN);
      nodes.remove(Set.of("clients"));
      all.with(nodes);
      all.section("Server").put("nodes_that_answered", "" + replies.values().size());
      ReplyValue shape = new ReplyValue(resp3 ? '=' : '$', "txt:", List.of(), false);
      return shape.withWords(all.text(wanted));
    }
  }

  private InfoText own(Client client) {
    String pool = client.pool().settings().pool();
    List<Backend> backends = client.pool().router().backends();
    InfoText info = new InfoText();
    Map<String, String> server = info.section("Server");
    ServerFacts servers = client.pool().servers();
    server.put("redis_version", servers.redisVersion());
    String valkeyVersion = servers.valkeyVersion();
    if (valkeyVersion != null) {
      server.put("valkey_version", valkeyVersion);
    }
    server.put("redis_mode", "standalone");
    server.put("server_name", "cashew");
    server.put("cashew_version", proxy.version());
    server.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    server.put("arch_bits", "64");
    server.put("multiplexing_api", proxy.transport());
    server.put("process_id", "" + ProcessHandle.current().pid());
    server.put("tcp_port", "" + proxy.port(pool));
    server.put("uptime_in_seconds", "" + proxy.uptimeSeconds());
    server.put("uptime_in_days", "" + proxy.uptimeSeconds() / 86400);
    server.put("pool", pool);
    server.put("nodes", "" + backends.size());
    server.put("cashew_buffers", "" + proxy.memoryBytes());
    server.put("cashew_buffers_human", InfoFields.human(proxy.memoryBytes()));
    server.put("cashew_memory_limit", "" + proxy.memoryLimitBytes());
    server.put("cashew_memory_limit_human", InfoFields.human(proxy.memoryLimitBytes()));
    InfoOfPool numbers = InfoOfPool.of(client.pool());
    info.section("Clients").put("connected_clients", "" + proxy.clients());
    info.section("Clients").put("blocked_clients", "" + client.pool().directory().waiting());
    info.section("Clients").putAll(numbers.clients());
    info.section("Persistence").put("loading", "0");
    info.section("Persistence").put("rdb_bgsave_in_progress", "0");
    info.section("Persistence").put("aof_rewrite_in_progress", "0");
    Map<String, String> stats = info.section("Stats");
    stats.put("total_connections_received", "" + proxy.clientsAccepted());
    stats.put("total_commands_processed", "" + proxy.requests());
    stats.putAll(numbers.stats());
    info.section("Commandstats").putAll(numbers.commandStats());
    info.section("Errorstats").putAll(numbers.errorStats());
    info.section("Latencystats").putAll(numbers.latencyStats());
    Map<String, String> replication = info.section("Replication");
    replication.put("role", "master");
    replication.put("connected_slaves", "0");
    replication.put("master_repl_offset", "0"); // which dashboards read of every server
    replication.putAll(numbers.replication());
    info.section("Cluster").put("cluster_enabled", "0");
    info.section("Nodes").putAll(numbers.nodes());
    return info;
  }
}
