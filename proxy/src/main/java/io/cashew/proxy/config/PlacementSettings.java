package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.MOVES_KEYS;

import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.JedisPointNames;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import io.cashew.hashing.function.KeyTag;
import io.cashew.hashing.function.TagPattern;
import java.util.Optional;
import java.util.Set;

/**
 * Which node a key belongs to.
 *
 * @param hash how keys are hashed
 * @param hashTag the two bytes that enclose the part of a key that is hashed; empty: the whole key
 * @param keyTag finds the part of a key that is hashed; empty: {@code hashTag} does, or it is whole
 * @param distribution how hashes are spread over nodes
 * @param pointsPerNode points of a node of average weight on the ketama continuum
 * @param pointNames how {@code sharded-jedis} names the points of nodes that have names
 */
public record PlacementSettings(
    HashFunction hash,
    Optional<HashTag> hashTag,
    Optional<TagPattern> keyTag,
    DistributionFactory distribution,
    int pointsPerNode,
    JedisPointNames pointNames) {

  private static final String SLOTS = "slots";
  private static final String SHARDED_JEDIS = "sharded-jedis";
  private static final HashFunction HASH_OF_JEDIS = HashFunctions.byName("murmur");
  private static final Set<String> HASHES_OF_JEDIS = Set.of("murmur", "md5");
  private static final int POINTS_OF_JEDIS = 160;
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
                      + " `distribution = slots` implies `crc16`, `sharded-jedis` implies `murmur`, which"
                      + " is MurmurHash64A there, and takes `md5`, too.")
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

  public static final Setting<PlacementSettings, Optional<TagPattern>> KEY_TAG =
      TABLE.add(
          Setting.of(
              "key-tag",
              PlacementKinds.keyTag(),
              "none",
              Optional.<TagPattern>empty(),
              MOVES_KEYS,
              PlacementSettings::keyTag,
              "A regular expression of java.util.regex, whose first group is the part of a key that is"
                  + " hashed: with `\"^([^_]+)_\"` the keys `sku42_start` and `sku42_count` share a"
                  + " node. A key that it does not match anywhere is hashed whole. It is matched in"
                  + " linear time, and costs more than `hash-tag`. ShardedJedis has"
                  + " `\"\\\\{(.+?)\\\\}\"` for those who pass its default pattern."));

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
              + " `slots` is Redis Cluster's 16384 slots; `sharded-jedis` is the ring of ShardedJedis"
              + " and JedisSharding, where a node without a name is its place in the list.");

  public static final Setting<PlacementSettings, Integer> POINTS_PER_NODE =
      TABLE.row(
          "points-per-node",
          Kinds.integer(4, 16384),
          "160",
          MOVES_KEYS,
          PlacementSettings::pointsPerNode,
          "Points of a node of average weight on the ketama continuum. The default is twemproxy's;"
              + " more points spread more evenly, and any change moves keys.");

  public static final Setting<PlacementSettings, JedisPointNames> POINT_NAMES =
      TABLE.row(
          "sharded-jedis-points",
          PlacementKinds.pointNames(),
          "\"2.10\"",
          MOVES_KEYS,
          PlacementSettings::pointNames,
          "How `sharded-jedis` names the points of nodes that have names: as Jedis up to 2.9.3 did, or"
              + " as from 2.10.0 on. Must be said where a node with a name has a weight other than"
              + " 1.");

  /** What ships. */
  public static final PlacementSettings DEFAULT = TABLE.standard();

  static {
    TABLE.rule(PlacementSettings::refuseOtherHashOfSlots);
    TABLE.rule(PlacementSettings::refuseTwoTags);
    TABLE.rule(PlacementSettings::refuseWhatJedisHasNot);
  }

  private PlacementSettings(Values<PlacementSettings> from) {
    this(
        from.get(HASH),
        from.get(HASH_TAG),
        from.get(KEY_TAG),
        from.get(DISTRIBUTION),
        from.get(POINTS_PER_NODE),
        from.get(POINT_NAMES));
  }

  private static HashFunction hashBeside(Values<PlacementSettings> others) {
    return switch (others.get(DISTRIBUTION).name()) {
      case SLOTS -> HASH_OF_SLOTS;
      case SHARDED_JEDIS -> HASH_OF_JEDIS;
      default -> HASH.fallback();
    };
  }

  private static Optional<HashTag> hashTagBeside(Values<PlacementSettings> others) {
    boolean implied =
        others.get(DISTRIBUTION).name().equals(SLOTS) && others.get(KEY_TAG).isEmpty();
    return implied ? Optional.of(HashTag.of("{}")) : HASH_TAG.fallback();
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

  private static void refuseTwoTags(PlacementSettings placement, Section section) {
    if (placement.hashTag.isPresent() && placement.keyTag.isPresent()) {
      section.report(
          KEY_TAG,
          "has no use beside hash-tag, which names the part to hash, too: keep one of them");
    }
  }

  private static void refuseWhatJedisHasNot(PlacementSettings placement, Section section) {
    if (!placement.isShardedJedis()) {
      if (section.has(POINT_NAMES)) {
        section.report(POINT_NAMES, "has no use without distribution = sharded-jedis: remove it");
      }
      return;
    }
    if (!HASHES_OF_JEDIS.contains(placement.hash.name())) {
      section.report(
          HASH,
          "must be murmur or md5 with distribution = sharded-jedis, not '"
              + placement.hash.name()
              + "': ShardedJedis has these two");
    }
    if (placement.pointsPerNode != POINTS_OF_JEDIS) {
      section.report(
          POINTS_PER_NODE,
          "has no use with distribution = sharded-jedis, which has 160 points times the weight:"
              + " remove it");
    }
  }

  /** Which part of a key is hashed: {@code keyTag} or {@code hashTag}; empty: all of it. */
  public Optional<KeyTag> tag() {
    return keyTag.<KeyTag>map(tag -> tag).or(() -> hashTag);
  }

  /** How many keys have matched {@code key-tag} without its first group. */
  public long untagged() {
    return keyTag.map(TagPattern::withoutGroup).orElse(0L);
  }

  /** What a distribution wants to know. */
  public DistributionOptions options() {
    return new DistributionOptions(pointsPerNode, hash, pointNames);
  }

  /** Whether keys belong where {@code ShardedJedis} has them. */
  public boolean isShardedJedis() {
    return distribution.name().equals(SHARDED_JEDIS);
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
