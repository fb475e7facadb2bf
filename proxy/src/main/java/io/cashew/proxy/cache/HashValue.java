package io.cashew.proxy.cache;

import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A whole hash: its fields and values as {@code HGETALL} has them behind its header, and where each
 * field is. Immutable; a look-up allocates nothing.
 */
public final class HashValue {
  private static final byte[] NIL = Replies.bytes("$-1\r\n");
  private static final byte[] NIL_3 = Replies.bytes("_\r\n");
  private static final int LINE_END = 2;

  private final byte[] pairs;
  private final int fields;

  /** By the hashes of the fields: where each begins, counted from 1; 0: none does. */
  private final int[] places;

  private HashValue(byte[] pairs, int fields) {
    this.pairs = pairs;
    this.fields = fields;
    places = new int[Integer.highestOneBit(Math.max(1, fields)) * 4];
  }

  /** The hash that a reply to {@code HGETALL} is; null: it is none. */
  static @Nullable HashValue read(byte[] reply) {
    int at = 1;
    int count = 0;
    for (; reply[at] >= '0' && reply[at] <= '9'; at++) {
      count = count * 10 + (reply[at] - '0');
    }
    boolean map = reply[0] == '%';
    if (reply[at] != '\r' || !(map || reply[0] == '*')) {
      return null;
    }
    byte[] pairs = Arrays.copyOfRange(reply, at + LINE_END, reply.length);
    return HashValue.of(pairs, map ? count : count / 2);
  }

  /**
   * The hash of these fields and values, each a bulk string, in turns.
   *
   * @param fields how many there are
   * @return null: that is not what the bytes are
   */
  private static @Nullable HashValue of(byte[] pairs, int fields) {
    HashValue hash = new HashValue(pairs, fields);
    KeyBytes field = new KeyBytes();
    int at = 0;
    for (int i = 0; i < fields; i++) {
      int value = hash.elementEnd(at);
      int next = value < 0 ? -1 : hash.elementEnd(value);
      if (next < 0) {
        return null;
      }
      int name = hash.lineEnd(at);
      field.set(pairs, name, value - LINE_END - name);
      if (hash.find(field) >= 0) {
        return null;
      }
      hash.put(field, at);
      at = next;
    }
    return at == pairs.length ? hash : null;
  }

  private void put(KeyBytes field, int at) {
    int mask = places.length - 1;
    int i = field.hash() & mask;
    while (places[i] != 0) {
      i = (i + 1) & mask;
    }
    places[i] = at + 1;
  }

  /** Index of a field's value, an element; -1: there is no such field. */
  private int find(KeyBytes field) {
    int mask = places.length - 1;
    for (int i = field.hash() & mask; places[i] != 0; i = (i + 1) & mask) {
      int name = lineEnd(places[i] - 1);
      int end = name + field.length();
      if (end < pairs.length
          && pairs[end] == '\r'
          && length(places[i] - 1) == field.length()
          && Arrays.equals(pairs, name, end, field.bytes(), 0, field.length())) {
        return end + LINE_END;
      }
    }
    return -1;
  }

  /** Index behind the line that begins there; -1: it has no end. */
  private int lineEnd(int from) {
    for (int at = from; at < pairs.length; at++) {
      if (pairs[at] == '\n') {
        return at + 1;
      }
    }
    return -1;
  }

  /** The number in the header of a bulk string; -1: it is none. */
  private int length(int from) {
    int length = 0;
    int at = from + 1;
    for (; pairs[at] >= '0' && pairs[at] <= '9' && length < pairs.length; at++) {
      length = length * 10 + (pairs[at] - '0');
    }
    return at > from + 1 && pairs[at] == '\r' ? length : -1;
  }

  /** Index behind the bulk string that begins there; -1: none does. */
  private int elementEnd(int from) {
    int line = lineEnd(from);
    int length = line < 0 || pairs[from] != '$' ? -1 : length(from);
    return length < 0 || line + length + LINE_END > pairs.length ? -1 : line + length + LINE_END;
  }

  /** How many fields it has. */
  int fields() {
    return fields;
  }

  /** Bytes that it takes. */
  int weight() {
    return pairs.length + places.length * Integer.BYTES;
  }

  boolean isSame(HashValue other) {
    return Arrays.equals(pairs, other.pairs);
  }

  /** Writes its fields, each as a bulk string. */
  void writeNames(ByteBuf out) {
    for (int at = 0; at < pairs.length; ) {
      int value = elementEnd(at);
      out.writeBytes(pairs, at, value - at);
      at = elementEnd(value);
    }
  }

  /**
   * Writes what the server says of all fields.
   *
   * @param hash null: there is no such key
   */
  static void writeAll(@Nullable HashValue hash, boolean resp3, ByteBuf out) {
    int count = hash == null ? 0 : hash.fields;
    out.writeByte(resp3 ? '%' : '*');
    Replies.writeDecimal(out, resp3 ? count : 2L * count);
    out.writeByte('\r').writeByte('\n');
    if (hash != null) {
      out.writeBytes(hash.pairs);
    }
  }

  /** The same of one field. */
  static void writeValue(@Nullable HashValue hash, KeyBytes field, boolean resp3, ByteBuf out) {
    int at = hash == null ? -1 : hash.find(field);
    if (hash == null || at < 0) {
      out.writeBytes(resp3 ? NIL_3 : NIL);
    } else {
      out.writeBytes(hash.pairs, at, hash.elementEnd(at) - at);
    }
  }
}
