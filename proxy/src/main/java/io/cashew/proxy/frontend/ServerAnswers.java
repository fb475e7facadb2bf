package io.cashew.proxy.frontend;

import static io.cashew.proxy.frontend.Answers.argument;
import static io.cashew.proxy.frontend.Answers.reply;
import static io.cashew.proxy.frontend.Answers.text;

import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import java.util.ArrayList;
import java.util.List;

/** The commands that tell of the proxy as if it were a server. */
final class ServerAnswers {
  private final ProxyFacts proxy;

  private ServerAnswers(ProxyFacts proxy) {
    this.proxy = proxy;
  }

  /** Adds the handlers to a table. */
  static void addTo(LocalCommands table, ProxyFacts proxy) {
    ServerAnswers answers = new ServerAnswers(proxy);
    table.on("time", ServerAnswers::time);
    table.on("info", answers::info);
  }

  private static void time(ClientHandler client, RequestFrame frame) {
    java.time.Instant now = java.time.Instant.now();
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, 2);
          Replies.writeBulk(out, Long.toString(now.getEpochSecond()));
          Replies.writeBulk(out, Long.toString(now.getNano() / 1000));
        });
  }

  /** Sections of INFO that are the proxy's own to tell. */
  private void info(ClientHandler client, RequestFrame frame) {
    List<String> wanted = new ArrayList<>();
    for (int i = 1; i < frame.argc(); i++) {
      wanted.add(argument(frame, i).toLowerCase(java.util.Locale.ROOT));
    }
    boolean everything =
        wanted.isEmpty()
            || wanted.stream().anyMatch(List.of("all", "default", "everything")::contains);
    StringBuilder text = new StringBuilder();
    section(
        text,
        everything || wanted.contains("server"),
        "# Server",
        "redis_version:" + proxy.redisVersion(),
        "redis_mode:standalone",
        "server_name:cashew",
        "cashew_version:" + proxy.version(),
        "os:" + System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "arch_bits:64",
        "multiplexing_api:" + proxy.transport(),
        "process_id:" + ProcessHandle.current().pid(),
        "tcp_port:" + proxy.port(client.pool().settings().pool()),
        "uptime_in_seconds:" + proxy.uptimeSeconds(),
        "uptime_in_days:" + proxy.uptimeSeconds() / 86400,
        "pool:" + client.pool().settings().pool());
    section(
        text,
        everything || wanted.contains("clients"),
        "# Clients",
        "connected_clients:" + proxy.clients());
    section(
        text,
        everything || wanted.contains("stats"),
        "# Stats",
        "total_connections_received:" + proxy.clientsAccepted(),
        "total_commands_processed:" + proxy.requests());
    section(
        text,
        everything || wanted.contains("replication"),
        "# Replication",
        "role:master",
        "connected_slaves:0");
    section(text, everything || wanted.contains("cluster"), "# Cluster", "cluster_enabled:0");
    text(client, text.toString());
  }

  private static void section(StringBuilder text, boolean wanted, String... lines) {
    if (wanted) {
      text.append(text.length() == 0 ? "" : "\r\n");
      for (String line : lines) {
        text.append(line).append("\r\n");
      }
    }
  }
}
