package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Arguments.argument;

import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.Refusals;
import io.cashew.proxy.client.RequestInsight;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.gather.Merger;
import io.cashew.proxy.route.gather.NodeReplies;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code CONFIG GET} where nodes may not be administered: of the {@link HarmlessSettings}, what
 * holds for clients of the pool. Limits of the proxy's own count as a node's would.
 */
public final class ConfigAnswers {
  private final Command command;

  private ConfigAnswers(Command command) {
    this.command = command;
  }

  /** Adds the handler to a table. */
  static void addTo(HandlerTable table) {
    Command get = table.commands().find("config|get");
    if (get == null) {
      throw new IllegalStateException("no row for command 'config|get'");
    }
    table.on("config|get", new ConfigAnswers(get)::get);
  }

  private void get(Client client, RequestFrame frame) {
    List<String> patterns = new ArrayList<>();
    for (int i = 2; i < frame.argc(); i++) {
      patterns.add(argument(frame, i));
    }
    List<String> names = HarmlessSettings.asked(patterns);
    if (names == null) {
      Refusals.administration(client, command);
      return;
    }
    ByteBuf request = client.pool().worker().allocator().directBuffer();
    try {
      Replies.writeArrayHeader(request, 3);
      Replies.writeBulk(request, "CONFIG");
      Replies.writeBulk(request, "GET");
      // Several patterns in a request are not known to every version of Redis.
      Replies.writeBulk(request, names.size() == 1 ? names.get(0) : "*");
      Answers.askNodes(client, request, new OfNodes(names, own(client), client.session().resp3()));
    } finally {
      request.release();
    }
  }

  /**
   * Whether a node alone would answer as the proxy does: every argument is the name of a setting
   * that is told, and that is a node's.
   */
  public static boolean isOfOneNode(Client client, RequestFrame frame) {
    Map<String, String> own = own(client);
    for (int i = 2; i < frame.argc(); i++) {
      String name = argument(frame, i);
      if (!HarmlessSettings.isTold(name) || own.containsKey(name.toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  /** What the proxy itself sets for its clients. */
  private static Map<String, String> own(Client client) {
    ClientSettings settings = client.pool().settings();
    Map<String, String> own = new HashMap<>();
    own.put("cluster-enabled", "no");
    own.put("databases", Integer.toString(client.pool().router().databases()));
    own.put("proto-max-bulk-len", Long.toString(settings.limits().bulkLength()));
    RequestInsight insight = client.pool().insight(); // whose slow log SLOWLOG is, here
    long slowNanos = insight.slowNanos();
    own.put(
        "slowlog-log-slower-than",
        Long.toString(slowNanos == Long.MAX_VALUE ? -1 : TimeUnit.NANOSECONDS.toMicros(slowNanos)));
    own.put("slowlog-max-len", Integer.toString(insight.slowLog().entriesMax()));
    own.put("timeout", Long.toString(settings.idleMillis() / 1000));
    return own;
  }

  /** Nodes that do not answer do not count, as long as one does. */
  private record OfNodes(List<String> names, Map<String, String> own, boolean isResp3)
      implements Merger {

    @Override
    public int needed(int nodes) {
      return 1;
    }

    @Override
    public ReplyValue merge(NodeReplies replies) {
      List<Map<String, String>> nodes = new ArrayList<>();
      for (ReplyValue reply : replies.values()) {
        Map<String, String> node = new HashMap<>();
        for (int i = 0; i + 1 < reply.elements().size(); i += 2) {
          node.put(reply.elements().get(i).text(), reply.elements().get(i + 1).text());
        }
        node.putAll(own);
        nodes.add(node);
      }
      List<ReplyValue> elements = new ArrayList<>();
      HarmlessSettings.merge(names, nodes)
          .forEach(
              (name, value) -> {
                elements.add(bulk(name));
                elements.add(bulk(value));
              });
      return new ReplyValue(isResp3 ? '%' : '*', "", List.copyOf(elements), false);
    }

    private static ReplyValue bulk(String text) {
      return new ReplyValue('$', text, List.of(), false);
    }
  }
}
