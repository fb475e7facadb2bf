package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.MOVES_KEYS;

import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.util.Optional;

/**
 * Which node a key belongs to.
 *
 * @param hash how keys are hashed
 * @param hashTag the two bytes that enclose the part of a key that is hashed; empty: the whole key
 * @param distribution how hashes are spread over nodes
 * @param pointsPerNode points of a node of average weight on the ketama continuum
 */
public record PlacementSettings(
    HashFunction hash,
    Optional<HashTag> hashTag,
    DistributionFactory distribution,
    int pointsPerNode) {

  private static final String SLOTS = "slots";
  private static final HashFunction HASH_OF_SLOTS = HashFunctions.byName("crc16");

  /** The rows of its settings. */
  public static final Table<PlacementSettings> TABLE = Table.of(PlacementSettings::new);

  public static final Setting<PlacementSettings, HashFunction> HASH =
      TABLE.add(
          Setting.of(
                  "hash",
                  PlacementKinds.hash(),
                  "fnv1a_64",
                  HashFunctions.byName("fnv1a_64"),
                  MOVES_KEYS,
                  PlacementSettings::hash,
                  "How keys are hashed. The default is twemproxy's, so that keys stay where they are;"
                      + " `murmur` spreads short numbered keys far better (`cashew check` shows both)."
                      + " `distribution = slots` implies `crc16`.")
              .impliedBy(PlacementSettings::hashBeside));

  public static final Setting<PlacementSettings, Optional<HashTag>> HASH_TAG =
      TABLE.add(
          Setting.of(
                  "hash-tag",
                  PlacementKinds.hashTag(),
                  "none",
                  Optional.<HashTag>empty(),
                  MOVES_KEYS,
                  PlacementSettings::hashTag,
                  "The two characters that enclose the part of a key that is hashed: with `\"{}\"` the keys"
                      + " `{user1}:cart` and `{user1}:orders` share a node. `distribution = slots` implies"
                      + " `\"{}\"`.")
              .impliedBy(PlacementSettings::hashTagBeside));

  public static final Setting<PlacementSettings, DistributionFactory> DISTRIBUTION =
      TABLE.row(
          "distribution",
          PlacementKinds.distribution(),
          "ketama",
          MOVES_KEYS,
          PlacementSettings::distribution,
          "How hashes are spread over nodes. `ketama` moves the fewest keys when nodes change;"
              + " `modula` moves nearly all; `random` is for nodes that all hold the same data: what"
              + " reads all keys, and pub/sub, asks one of them; `FLUSHALL` and scripts go to each;"
              + " `slots` is Redis Cluster's 16384 slots.");

  public static final Setting<PlacementSettings, Integer> POINTS_PER_NODE =
      TABLE.row(
          "points-per-node",
          Kinds.integer(4, 16384),
          "160",
          MOVES_KEYS,
          PlacementSettings::pointsPerNode,
          "Points of a node of average weight on the ketama continuum. The default is twemproxy's;"
              + " more points spread more evenly, and any change moves keys.");

  /** What ships. */
  public static final PlacementSettings DEFAULT = TABLE.standard();

  static {
    TABLE.rule(PlacementSettings::refuseOtherHashOfSlots);
  }

  private PlacementSettings(Values<PlacementSettings> from) {
    this(from.get(HASH), from.get(HASH_TAG), from.get(DISTRIBUTION), from.get(POINTS_PER_NODE));
  }

  private static boolean isSlots(Values<PlacementSettings> from) {
    return from.get(DISTRIBUTION).name().equals(SLOTS);
  }

  private static HashFunction hashBeside(Values<PlacementSettings> others) {
    return isSlots(others) ? HASH_OF_SLOTS : HASH.fallback();
  }

  private static Optional<HashTag> hashTagBeside(Values<PlacementSettings> others) {
    return isSlots(others) ? Optional.of(HashTag.of("{}")) : HASH_TAG.fallback();
  }

  private static void refuseOtherHashOfSlots(PlacementSettings placement, Section section) {
    if (placement.hasSlots() && !placement.hash.equals(HASH_OF_SLOTS)) {
      section.report(
          HASH,
          "must be "
              + HASH_OF_SLOTS.name()
              + " with distribution = slots, not '"
              + placement.hash.name()
              + "': the slot of a key in Redis Cluster is its CRC16 modulo 16384");
    }
  }

  /** What a distribution wants to know. */
  public DistributionOptions options() {
    return new DistributionOptions(pointsPerNode);
  }

  /** Whether nodes may name the slots that they own. */
  boolean hasSlots() {
    return distribution.name().equals(SLOTS);
  }

  /** Whether every node is to hold the same data, so that any will do for a key. */
  public boolean holdsTheSame() {
    return distribution.name().equals("random");
  }
}
