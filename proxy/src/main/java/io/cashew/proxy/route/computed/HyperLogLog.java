package io.cashew.proxy.route.computed;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;

/**
 * {@code PFCOUNT} over several keys: the registers of each, in Redis's dense or sparse format, are
 * merged and counted as Redis counts (Otmar Ertl, "New cardinality estimation algorithms for
 * HyperLogLog sketches", 2017). Stateless.
 */
final class HyperLogLog {
  private static final int REGISTERS = 1 << 14;
  private static final int BITS = 6;

  /** Bits of a hash that a register counts leading zeros of. */
  private static final int Q = 64 - 14;

  private static final int HEADER = 16;
  private static final int DENSE_BYTES = HEADER + REGISTERS * BITS / 8;
  private static final double ALPHA_INF = 0.7213475204444817;

  private HyperLogLog() {}

  static ReplyValue count(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    byte[] merged = new byte[REGISTERS];
    for (ReplyValue key : keys) {
      if (!key.isNil()) {
        merge(key.text(), merged);
      }
    }
    return ReplyValue.integer(count(merged));
  }

  private static void merge(String value, byte[] into) {
    if (value.length() < HEADER || !value.startsWith("HYLL") || value.charAt(4) > 1) {
      throw notValid();
    }
    if (value.charAt(4) == 0) {
      if (value.length() != DENSE_BYTES) {
        throw notValid();
      }
      mergeDense(value, into);
    } else {
      mergeSparse(value, into);
    }
  }

  private static RefusedRead notValid() {
    return new RefusedRead("WRONGTYPE Key is not a valid HyperLogLog string value.");
  }

  private static void mergeDense(String value, byte[] into) {
    for (int i = 0; i < REGISTERS; i++) {
      int bit = i * BITS;
      int at = HEADER + bit / 8;
      int shift = bit & 7;
      int high = at + 1 < value.length() ? value.charAt(at + 1) : 0;
      int register = ((value.charAt(at) >> shift) | (high << (8 - shift))) & ((1 << BITS) - 1);
      into[i] = (byte) Math.max(into[i], register);
    }
  }

  /** Runs: {@code 00xxxxxx} and {@code 01xxxxxx yyyyyyyy} of zeros, {@code 1vvvvvxx} of a value. */
  private static void mergeSparse(String value, byte[] into) {
    int register = 0;
    for (int at = HEADER; at < value.length(); at++) {
      int code = value.charAt(at);
      int run;
      int set = 0;
      if ((code & 0x80) != 0) {
        set = ((code >> 2) & 0x1f) + 1;
        run = (code & 3) + 1;
      } else if ((code & 0x40) == 0) {
        run = (code & 0x3f) + 1;
      } else if (++at < value.length()) {
        run = (((code & 0x3f) << 8) | value.charAt(at)) + 1;
      } else {
        throw corrupted();
      }
      if (register + run > REGISTERS) {
        throw corrupted();
      }
      for (int end = register + run; register < end; register++) {
        into[register] = (byte) Math.max(into[register], set);
      }
    }
    if (register != REGISTERS) {
      throw corrupted();
    }
  }

  private static RefusedRead corrupted() {
    return new RefusedRead("INVALIDOBJ Corrupted HLL object detected");
  }

  private static long count(byte[] registers) {
    int[] histogram = new int[Q + 2 + (1 << BITS)];
    for (byte register : registers) {
      histogram[register]++;
    }
    double m = REGISTERS;
    double z = m * tau((m - histogram[Q + 1]) / m);
    for (int j = Q; j >= 1; j--) {
      z += histogram[j];
      z *= 0.5;
    }
    z += m * sigma(histogram[0] / m);
    return Math.round(ALPHA_INF * m * m / z);
  }

  private static double sigma(double share) {
    if (share == 1) {
      return Double.POSITIVE_INFINITY;
    }
    double x = share;
    double y = 1;
    double z = x;
    double before;
    do {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    } while (before != z);
    return z;
  }

  private static double tau(double share) {
    if (share == 0 || share == 1) {
      return 0;
    }
    double x = share;
    double y = 1;
    double z = 1 - x;
    double before;
    do {
      x = Math.sqrt(x);
      before = z;
      y *= 0.5;
      z -= Math.pow(1 - x, 2) * y;
    } while (before != z);
    return z / 3;
  }
}
