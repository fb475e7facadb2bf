package io.cashew.proxy.command;

import static io.cashew.proxy.command.CommandFlag.FAST;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.PUBSUB;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.KeyFlag.NOT_KEY;
import static io.cashew.proxy.command.KeySpec.channels;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.Order.ALONE;
import static io.cashew.proxy.command.Property.FOR_LISTENERS;
import static io.cashew.proxy.command.Property.MAY_REPLICATE;

import java.util.List;

/** The rows of Redis's group "pubsub". */
final class PubSubCommands {
  private static final String EVERY_NODE =
      "Listens on every node, since scripts and keyspace notifications publish where they run";
  private static final String TO_ITS_NODE =
      "Sent to the node of the channel; of this proxy's connections the clients are counted";
  private static final String ASKED_OF_ITS_NODE =
      "Asked of each channel's node; of this proxy's connections the clients are counted";
  private static final String UNION = "The channels of all nodes, each once";
  private static final String ENDS =
      "Ends for this client; the nodes are told when no client of the worker is left";

  private PubSubCommands() {}

  static List<Command> rows() {
    return new CommandFamily("pubsub")
        .pubsub("psubscribe", -2, channels(1, -1), ALONE, PUBSUB, NOSCRIPT, LOADING, STALE)
        .and(FOR_LISTENERS)
        .because(EVERY_NODE)
        .pubsub("publish", 3, channels(1, 1), PUBSUB, LOADING, STALE, FAST)
        .and(MAY_REPLICATE)
        .because(TO_ITS_NODE)
        .container("pubsub", -2)
        .pubsub("pubsub|channels", -2, none(), PUBSUB, LOADING, STALE)
        .because(UNION)
        .forward("pubsub|help", 2, none(), LOADING, STALE)
        .pubsub("pubsub|numpat", 2, none(), PUBSUB, LOADING, STALE)
        .because("The largest of the nodes' counts, since patterns listen on every node")
        .pubsub("pubsub|numsub", -2, channels(2, -1), PUBSUB, LOADING, STALE)
        .because(ASKED_OF_ITS_NODE)
        .pubsub("pubsub|shardchannels", -2, none(), PUBSUB, LOADING, STALE)
        .because(UNION)
        .pubsub("pubsub|shardnumsub", -2, channels(2, -1), PUBSUB, LOADING, STALE)
        .because(ASKED_OF_ITS_NODE)
        .pubsub("punsubscribe", -1, channels(1, -1), ALONE, PUBSUB, NOSCRIPT, LOADING, STALE)
        .and(FOR_LISTENERS)
        .because(ENDS)
        .pubsub("spublish", 3, key(1, NOT_KEY), PUBSUB, LOADING, STALE, FAST)
        .and(MAY_REPLICATE)
        .because(TO_ITS_NODE)
        .pubsub("ssubscribe", -2, keys(1, -1, 1, NOT_KEY), ALONE, PUBSUB, NOSCRIPT, LOADING, STALE)
        .and(FOR_LISTENERS)
        .because("Listens on the node of the channel, where SPUBLISH goes")
        .pubsub("subscribe", -2, channels(1, -1), ALONE, PUBSUB, NOSCRIPT, LOADING, STALE)
        .and(FOR_LISTENERS)
        .because(EVERY_NODE)
        .pubsub(
            "sunsubscribe", -1, keys(1, -1, 1, NOT_KEY), ALONE, PUBSUB, NOSCRIPT, LOADING, STALE)
        .and(FOR_LISTENERS)
        .because(ENDS)
        .pubsub("unsubscribe", -1, channels(1, -1), ALONE, PUBSUB, NOSCRIPT, LOADING, STALE)
        .and(FOR_LISTENERS)
        .because(ENDS)
        .rows();
  }
}
