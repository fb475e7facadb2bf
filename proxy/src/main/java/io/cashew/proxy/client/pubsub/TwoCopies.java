package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Backend;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The messages of one topic while a server of a Cluster is listened to in place of another, both of
 * which give all of them. Until the change those of the former are passed on, and then whichever
 * copy comes first, so that none comes twice or is lost that was on its way. Messages have no
 * identity: copies are matched by their bytes, equal ones by their number. Confined to the worker.
 */
final class TwoCopies {
  /** For so long after the change the second copy of a message may come. */
  static final long LATE_MILLIS = 2000;

  /** So much is remembered of what has come once; more comes twice. */
  static final int MOST_BYTES = 1 << 20;

  /** Beside its bytes, a message that is remembered takes about so much. */
  private static final int EACH_BYTES = 128;

  /** How many copies of one message have come of which the other server has not given its own. */
  private static final class Unmatched {
    int passedOnOfFormer;
    int passedOnOfNext;
    int withheldOfNext;

    boolean isNone() {
      return passedOnOfFormer == 0 && passedOnOfNext == 0 && withheldOfNext == 0;
    }
  }

  private Backend former;
  private Backend next;
  private final Map<ByteBuffer, Unmatched> unmatched = new HashMap<>();
  private int bytes;
  private boolean begun;
  private boolean changed;
  private long lateMillis;

  /**
   * Not begun yet.
   *
   * @param former the server that is listened to
   * @param next the one that will be
   */
  TwoCopies(Backend former, Backend next) {
    this.former = former;
    this.next = next;
  }

  /** Both give messages from now on. */
  void begin() {
    begun = true;
  }

  /** From now on the first copy is passed on. */
  void changed(long nowMillis) {
    begun = true;
    changed = true;
    lateMillis = nowMillis + LATE_MILLIS;
  }

  /** Whether no second copy is to come any more. */
  boolean areOver(long nowMillis) {
    return changed && nowMillis - lateMillis >= 0;
  }

  /** Whether this is the server that will be listened to. */
  boolean areOfNext(Backend node) {
    return node == next;
  }

  /** Whether a server is one of the two. */
  boolean areOf(Backend node) {
    return node == former || node == next;
  }

  /** A node is another one to the proxy. */
  void move(Backend from, Backend to) {
    former = former == from ? to : former;
    next = next == from ? to : next;
  }

  /**
   * Whether a message is passed on.
   *
   * @param node one of the two servers, which has given it
   * @param buf has it; borrowed
   */
  boolean passOn(Backend node, ByteBuf buf, int index, int length) {
    if (!begun) {
      return node == former;
    }
    byte[] message = new byte[length];
    buf.getBytes(index, message);
    ByteBuffer key = ByteBuffer.wrap(message);
    Unmatched known = unmatched.get(key);
    Unmatched its = known == null ? new Unmatched() : known;
    boolean passes = node == former ? passOnOfFormer(its) : passOnOfNext(its);
    if (known != null && its.isNone()) {
      unmatched.remove(key);
      bytes -= length + EACH_BYTES;
    } else if (known == null && bytes + length + EACH_BYTES <= MOST_BYTES) {
      unmatched.put(key, its);
      bytes += length + EACH_BYTES;
    }
    return passes;
  }

  private static boolean passOnOfFormer(Unmatched its) {
    if (its.passedOnOfNext > 0) {
      its.passedOnOfNext--;
      return false;
    }
    if (its.withheldOfNext > 0) {
      its.withheldOfNext--;
    } else {
      its.passedOnOfFormer++;
    }
    return true;
  }

  private boolean passOnOfNext(Unmatched its) {
    if (its.passedOnOfFormer > 0) {
      its.passedOnOfFormer--;
      return false;
    }
    if (changed) {
      its.passedOnOfNext++;
    } else {
      its.withheldOfNext++;
    }
    return changed;
  }
}
