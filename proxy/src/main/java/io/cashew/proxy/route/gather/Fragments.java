package io.cashew.proxy.route.gather;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * Which keys of one request go where: the keys of a group are a fragment, which is a request of its
 * own. One a worker and pool, confined to it; used again by each request.
 *
 * <p>Several fragments may go to one server, which refuses keys of two groups in one request but
 * takes requests one behind the other. So each fragment is written whole before the next: its keys
 * are a list, a link a key, in the order of the request.
 */
final class Fragments {
  /** A link a key: longer arrays are not kept for the next request. */
  static final int MAX_KEPT_KEYS = 16 << 10;

  private static final int FIRST_KEYS = 64;

  /** What was taken once is read again whatever limits there are. */
  private static final RespLimits ANY = new RespLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

  private static final int FIRST_FRAGMENTS = 8;

  private int count;

  /**
   * By group, counted from 1; 0: none yet, as between requests. Groups are small numbers: indexes
   * of shards, or slots.
   */
  private int[] ofGroup = new int[FIRST_FRAGMENTS];

  /** The key behind each in its fragment. */
  private int[] nextKey = new int[FIRST_KEYS];

  // Of each fragment:
  private int[] groups = new int[FIRST_FRAGMENTS];
  private int[] firstKeys = new int[FIRST_FRAGMENTS];
  private int[] lastKeys = new int[FIRST_FRAGMENTS];
  private int[] keyCounts = new int[FIRST_FRAGMENTS];
  private int[] keyBytes = new int[FIRST_FRAGMENTS];

  /**
   * Cuts a request. Its fragments are in the order of their first keys.
   *
   * @param groupOfKey the group of each key; it becomes the fragment of each
   * @param keyCount how many keys there are
   * @param frame the request; borrowed
   * @param keys where its keys are
   * @param step arguments that belong to a key, itself included
   */
  void cut(int[] groupOfKey, int keyCount, RequestFrame frame, KeyPositions keys, int step) {
    count = 0;
    if (keyCount > nextKey.length || nextKey.length > MAX_KEPT_KEYS) {
      nextKey = new int[Math.max(FIRST_KEYS, keyCount)];
    }
    for (int key = 0; key < keyCount; key++) {
      int fragment = withKey(key, groupOfKey[key]);
      groupOfKey[key] = fragment;
      int argument = keys.index(key);
      keyBytes[fragment] += rawEnd(frame, argument + step - 1) - rawStart(frame, argument);
    }
    for (int fragment = 0; fragment < count; fragment++) {
      ofGroup[groups[fragment]] = 0;
    }
  }

  /** Puts a key behind those of its group. @return the fragment */
  private int withKey(int key, int group) {
    if (group >= ofGroup.length) {
      ofGroup = Arrays.copyOf(ofGroup, Integer.highestOneBit(group) << 1);
    }
    int fragment = ofGroup[group] - 1;
    if (fragment < 0) {
      fragment = add(group, key);
      ofGroup[group] = fragment + 1;
    } else {
      nextKey[lastKeys[fragment]] = key;
    }
    lastKeys[fragment] = key;
    keyCounts[fragment]++;
    return fragment;
  }

  private int add(int group, int key) {
    if (count == groups.length) {
      groups = Arrays.copyOf(groups, 2 * count);
      firstKeys = Arrays.copyOf(firstKeys, 2 * count);
      lastKeys = Arrays.copyOf(lastKeys, 2 * count);
      keyCounts = Arrays.copyOf(keyCounts, 2 * count);
      keyBytes = Arrays.copyOf(keyBytes, 2 * count);
    }
    groups[count] = group;
    firstKeys[count] = key;
    keyCounts[count] = 0;
    keyBytes[count] = 0;
    return count++;
  }

  /** How many there are of the request that was cut last. */
  int count() {
    return count;
  }

  int group(int fragment) {
    return groups[fragment];
  }

  /** How many keys a fragment has. */
  int keyCount(int fragment) {
    return keyCounts[fragment];
  }

  /** Bytes of a fragment as a request, but for the line that says how many arguments it has. */
  int bytes(int fragment, RequestFrame frame) {
    return keyBytes[fragment] + rawEnd(frame, 0) - nameStart(frame);
  }

  /** Writes a fragment as a request: the command's name, then each key and what belongs to it. */
  void write(int fragment, RequestFrame frame, KeyPositions keys, int step, Outbound out) {
    Replies.writeArrayHeader(out.reserve(16), 1 + (long) keyCounts[fragment] * step);
    int name = nameStart(frame);
    out.write(frame.buf(), name, rawEnd(frame, 0) - name);
    int key = firstKeys[fragment];
    for (int left = keyCounts[fragment]; left > 0; left--) {
      int argument = keys.index(key);
      int start = rawStart(frame, argument);
      out.write(frame.buf(), start, rawEnd(frame, argument + step - 1) - start);
      key = nextKey[key];
    }
  }

  /**
   * One fragment of a request that was cut before.
   *
   * @param whole all bytes of the request; borrowed
   * @param command its row
   * @param fragmentOfKey the fragment of each key
   * @return the fragment as a request; owned by the caller
   */
  static ByteBuf cutAgain(
      ByteBuf whole,
      Command command,
      int[] fragmentOfKey,
      int fragment,
      ByteBufAllocator allocator) {
    RequestFrame frame = new RequestFrame();
    KeyPositions keys = new KeyPositions();
    boolean read =
        new RequestDecoder(ANY).decode(whole, whole.readerIndex(), whole.writerIndex(), frame);
    if (!read || !command.keys(frame, keys)) {
      throw new IllegalStateException("a request that was cut cannot be cut again");
    }
    int step = command.keyStep();
    int arguments = 1;
    for (int key = 0; key < keys.count(); key++) {
      arguments += fragmentOfKey[key] == fragment ? step : 0;
    }
    ByteBuf out = allocator.directBuffer(whole.readableBytes());
    Replies.writeArrayHeader(out, arguments);
    int name = nameStart(frame);
    out.writeBytes(frame.buf(), name, rawEnd(frame, 0) - name);
    for (int key = 0; key < keys.count(); key++) {
      if (fragmentOfKey[key] == fragment) {
        int argument = keys.index(key);
        int start = rawStart(frame, argument);
        out.writeBytes(frame.buf(), start, rawEnd(frame, argument + step - 1) - start);
      }
    }
    return out;
  }

  /** Index of the {@code $} of the command's name. */
  private static int nameStart(RequestFrame frame) {
    int start = frame.offset(0);
    while (frame.buf().getByte(start) != '$') {
      start--;
    }
    return start;
  }

  /** Index of the {@code $} of an argument: where the one before it ends. */
  private static int rawStart(RequestFrame frame, int argument) {
    return rawEnd(frame, argument - 1);
  }

  private static int rawEnd(RequestFrame frame, int argument) {
    return frame.offset(argument) + frame.length(argument) + 2;
  }
}
