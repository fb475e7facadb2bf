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

import java.util.List;

/** The rows of Redis's group "pubsub". */
final class PubSubCommands {
  private PubSubCommands() {}

  static List<Command> rows() {
    return new CommandFamily("pubsub")
        .pubsub("psubscribe", -2, channels(1, -1), PUBSUB, NOSCRIPT, LOADING, STALE)
        .because("Patterns listen on every node")
        .pubsub("publish", 3, channels(1, 1), PUBSUB, LOADING, STALE, FAST)
        .because("Sent to the node of the channel")
        .container("pubsub", -2)
        .pubsub("pubsub|channels", -2, none(), PUBSUB, LOADING, STALE)
        .forward("pubsub|help", 2, none(), LOADING, STALE)
        .pubsub("pubsub|numpat", 2, none(), PUBSUB, LOADING, STALE)
        .pubsub("pubsub|numsub", -2, channels(2, -1), PUBSUB, LOADING, STALE)
        .pubsub("pubsub|shardchannels", -2, none(), PUBSUB, LOADING, STALE)
        .pubsub("pubsub|shardnumsub", -2, channels(2, -1), PUBSUB, LOADING, STALE)
        .pubsub("punsubscribe", -1, channels(1, -1), PUBSUB, NOSCRIPT, LOADING, STALE)
        .because("Patterns listen on every node")
        .pubsub("spublish", 3, key(1, NOT_KEY), PUBSUB, LOADING, STALE, FAST)
        .because("Sent to the node of the channel")
        .pubsub("ssubscribe", -2, keys(1, -1, 1, NOT_KEY), PUBSUB, NOSCRIPT, LOADING, STALE)
        .pubsub("subscribe", -2, channels(1, -1), PUBSUB, NOSCRIPT, LOADING, STALE)
        .pubsub("sunsubscribe", -1, keys(1, -1, 1, NOT_KEY), PUBSUB, NOSCRIPT, LOADING, STALE)
        .pubsub("unsubscribe", -1, channels(1, -1), PUBSUB, NOSCRIPT, LOADING, STALE)
        .rows();
  }
}
