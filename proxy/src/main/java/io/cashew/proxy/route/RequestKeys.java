package io.cashew.proxy.route;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.topology.Placement;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The group and the keys of one request, which are compared with those of others. Filled anew by
 * each; confined to the worker.
 *
 * <p>Keys are compared by 64 bits of a hash. That two keys are taken for one may have a request
 * wait that need not.
 */
public final class RequestKeys {
  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final KeyPositions positions = new KeyPositions();
  private byte[] key = new byte[64];
  private int group;

  /** In ascending order. */
  private long[] hashes = new long[4];

  private int count;

  /**
   * Reads a request.
   *
   * @param frame all of it; borrowed
   * @return false if it has no keys, or nobody knows which
   */
  public boolean read(RequestFrame frame, Command command, Placement placement) {
    count = 0;
    if (!command.keys(frame, positions) || positions.count() == 0 || positions.patternCount() > 0) {
      return false;
    }
    int keys = positions.count();
    if (keys > hashes.length) {
      hashes = new long[Integer.highestOneBit(keys) << 1];
    }
    for (int i = 0; i < keys; i++) {
      int argument = positions.index(i);
      int of = groupOf(frame.buf(), frame.offset(argument), frame.length(argument), placement);
      group = i == 0 || of == group ? of : Placement.NO_GROUP;
    }
    Arrays.sort(hashes, 0, count);
    return true;
  }

  /** Notes the hash of a key, too. */
  private int groupOf(ByteBuf buf, int offset, int length, Placement placement) {
    if (length > key.length) {
      key = new byte[Integer.highestOneBit(length) << 1];
    }
    buf.getBytes(offset, key, 0, length);
    long hash = FNV_BASIS;
    for (int i = 0; i < length; i++) {
      hash = (hash ^ (key[i] & 0xff)) * FNV_PRIME;
    }
    hashes[count++] = hash;
    return placement.groupOf(key, 0, length);
  }

  /** The group of all of them; {@link Placement#NO_GROUP}: there are several. */
  public int group() {
    return group;
  }

  /** How many keys are named; one that is named twice counts twice. */
  public int count() {
    return count;
  }

  /** Whether both have a key in common. */
  boolean shares(RequestKeys other) {
    int here = 0;
    int there = 0;
    while (here < count && there < other.count) {
      int order = Long.compare(hashes[here], other.hashes[there]);
      if (order == 0) {
        return true;
      }
      if (order < 0) {
        here++;
      } else {
        there++;
      }
    }
    return false;
  }

  /** Whether every key of the other is one of these. */
  boolean hasAllOf(RequestKeys other) {
    int here = 0;
    for (int there = 0; there < other.count; there++) {
      while (here < count && hashes[here] < other.hashes[there]) {
        here++;
      }
      if (here == count || hashes[here] != other.hashes[there]) {
        return false;
      }
    }
    return true;
  }
}
