package io.cashew.proxy.cli;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How keys of one shape fall on the nodes of a pool.
 *
 * @param shape of the keys
 * @param counts keys of each node
 * @param keys how many there were
 */
record KeySpread(KeyShape shape, List<Integer> counts, int keys) {

  /** Beyond these shares of what its weight asks for, a node has too much or too little. */
  private static final double TOO_MUCH = 1.25;

  private static final double TOO_LITTLE = 0.75;

  /** So few keys could be off by chance: a deviation counts from four standard deviations on. */
  private static final double DEVIATIONS = 4;

  private static final int LEAST_KEYS = 1_000;
  private static final int KEYS_PER_NODE = 300;

  /** Maps enough keys of a shape that chance does not show. */
  static KeySpread of(KeyShape shape, KeyMapper mapper, int nodes) {
    int keys = Math.max(LEAST_KEYS, KEYS_PER_NODE * nodes);
    int[] counts = new int[nodes];
    for (int i = 0; i < keys; i++) {
      byte[] key = shape.bytes(i);
      counts[mapper.nodeFor(key, 0, key.length)]++;
    }
    return new KeySpread(shape, Arrays.stream(counts).boxed().toList(), keys);
  }

  /** The share of the keys that each node should have: by weight, or by the slots that it owns. */
  static double[] fairShares(PoolSettings pool) {
    List<NodeSettings> nodes = pool.nodes();
    boolean bySlots = nodes.stream().anyMatch(node -> !node.slots().isEmpty());
    boolean byWeight = !pool.placement().distribution().name().equals("slots");
    double[] shares =
        nodes.stream()
            .mapToDouble(node -> bySlots ? slots(node) : byWeight ? node.weight() : 1)
            .toArray();
    double total = 0;
    for (double share : shares) {
      total += share;
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= total;
    }
    return shares;
  }

  private static int slots(NodeSettings node) {
    return node.slots().stream().mapToInt(KeySpread::length).sum();
  }

  private static int length(SlotRange range) {
    return range.last() - range.first() + 1;
  }

  /** Part of the keys that a node has, 0 to 1. */
  double share(int node) {
    return (double) counts.get(node) / keys;
  }

  /** The nodes that have too many keys or too few, with figures; empty if there are none. */
  List<String> unfair(List<NodeSettings> nodes, double[] fairShares) {
    List<String> unfair = new ArrayList<>();
    for (int i = 0; i < counts.size(); i++) {
      if (isUnfair(i, fairShares[i])) {
        double fair = fairShares[i] * keys;
        unfair.add(
            String.format(
                Locale.ROOT,
                "'%s' has %,d, %.2f times its share",
                nodes.get(i).name(),
                counts.get(i),
                counts.get(i) / fair));
      }
    }
    return unfair;
  }

  private boolean isUnfair(int node, double fairShare) {
    double fair = fairShare * keys;
    double times = counts.get(node) / fair;
    return (times > TOO_MUCH || times < TOO_LITTLE)
        && Math.abs(counts.get(node) - fair) > DEVIATIONS * Math.sqrt(fair);
  }
}
