package io.cashew.hashing;

import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.KeyTag;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The node of a key: hash tag, then hash function, then distribution, in twemproxy's order.
 * Immutable, allocates nothing, may be asked from many threads.
 *
 * <ol>
 *   <li>A pool of one member: that one, and nothing is computed.
 *   <li>The part of the key that the hash tag encloses, if there is such a part; else all of it.
 *   <li>0 if that is empty, else its hash.
 * </ol>
 *
 * <p>With a distribution of 64 bits an empty part is hashed as any other, as Jedis does.
 */
public final class KeyMapper {
  private static final int SEVERAL = -1;

  private final HashFunction function;
  private final @Nullable KeyTag tag;
  private final Distribution distribution;
  private final boolean of64Bits;
  private final int onlyNode;

  /**
   * Ties a pool's settings together.
   *
   * @param function of the keys
   * @param tag the part of a key that is hashed; empty: all of it
   * @param distribution of the hashes
   * @param memberCount members of {@code distribution}, at least 1
   */
  public KeyMapper(
      HashFunction function,
      Optional<? extends KeyTag> tag,
      Distribution distribution,
      int memberCount) {
    if (memberCount < 1) {
      throw new IllegalArgumentException("a key needs at least one member: got " + memberCount);
    }
    this.function = function;
    this.tag = tag.orElse(null);
    this.distribution = distribution;
    of64Bits = distribution.isOf64Bits();
    this.onlyNode = memberCount == 1 ? distribution.nodeFor(0) : SEVERAL;
  }

  /**
   * The node of a key.
   *
   * @param bytes holds the key; it is only read
   * @param offset index of the key's first byte
   * @param length of the key in bytes, 0 or more
   * @return the {@link io.cashew.hashing.distribution.Member#index()} of the node
   */
  public int nodeFor(byte[] bytes, int offset, int length) {
    if (onlyNode != SEVERAL) {
      return onlyNode;
    }
    int from = offset;
    int count = length;
    if (tag != null) {
      long part = tag.find(bytes, offset, length);
      from = KeyTag.offset(part);
      count = KeyTag.length(part);
    }
    if (of64Bits) {
      return distribution.nodeFor64(function.hash64(bytes, from, count));
    }
    return distribution.nodeFor(count == 0 ? 0 : function.hash(bytes, from, count));
  }
}
