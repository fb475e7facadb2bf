package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.ResponsePolicy;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.SpareBuffers;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.route.Substitutes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes one reply of those that a {@link Gather} has: by the response policy of the command, or by
 * a {@link Merger} that understands them. Confined to a worker.
 */
final class Merges {
  /**
   * Elements of a merged reply are given together, in pieces that are small enough to be copied.
   */
  private static final int MERGED_PIECE = Outbound.SLICE_FROM / 2;

  private final ByteBufAllocator allocator;

  /** For pieces of a reply, which whoever gets them copies or retains at once. */
  private final SpareBuffers batches;

  /** Finds the elements of replies that were already found whole: it is always at a start. */
  private final ReplyDecoder elements = new ReplyDecoder(Long.MAX_VALUE, true);

  Merges(Worker worker) {
    allocator = worker.allocator();
    batches = worker.batches();
  }

  /** Gives the one reply of all. */
  void merge(Gather of, InFlight to) {
    Merger byMeaning = of.merger();
    if (byMeaning != null) {
      merge(of, byMeaning, to);
      return;
    }
    ResponsePolicy policy = of.policy();
    Substitutes given = policy == ResponsePolicy.KEY_ORDER ? of.exchange().substitutes() : null;
    if (given != null) {
      replaceFailedParts(of, given);
    }
    Part wrong = firstError(of);
    Part right = policy == ResponsePolicy.ONE_SUCCEEDED ? firstSuccess(of) : null;
    if (wrong != null && right == null) {
      wrong.giveError(to);
      return;
    }
    switch (policy) {
      case KEY_ORDER -> inKeyOrder(of, given, to);
      case AGG_SUM -> sum(of, to);
      case AGG_LOGICAL_AND -> logicalAnd(of, to);
      case CONCATENATED -> concatenated(of, to);
      case ALL_SUCCEEDED, SPECIAL -> of.part(0).giveRest(to, true);
      case ONE_SUCCEEDED -> (right == null ? of.part(0) : right).giveRest(to, true);
      case DEFAULT -> oneThatIsNotNil(of).giveRest(to, true);
      case AGG_MIN, AGG_MAX, AGG_LOGICAL_OR ->
          throw new IllegalStateException("no command for several nodes has the policy " + policy);
    }
  }

  // ---------------------------------------------------------------- errors

  private static @Nullable Part firstError(Gather of) {
    Part first = null;
    for (int i = 0; i < of.count(); i++) {
      Part part = of.part(i);
      if (isError(of, part) && (first == null || part.order() < first.order())) {
        first = part;
      }
    }
    return first;
  }

  private static @Nullable Part firstSuccess(Gather of) {
    for (int i = 0; i < of.count(); i++) {
      if (!isError(of, of.part(i))) {
        return of.part(i);
      }
    }
    return null;
  }

  /** Whether a reply is an error or not of the shape that the policy merges. */
  private static boolean isError(Gather of, Part part) {
    if (part.saysNothing()) {
      return false;
    }
    if (part.isError()) {
      return true;
    }
    boolean shaped =
        switch (of.policy()) {
          case KEY_ORDER -> part.type() == '*' && part.readNumber() == part.keys();
          case AGG_SUM -> part.type() == ':' && part.readNumber() >= 0;
          case CONCATENATED -> part.type() == '*' && part.readNumber() >= 0;
          case AGG_LOGICAL_AND -> part.isFlags() && part.readNumber() == of.part(0).number();
          // What is split by its keys, MSET, knows no other success.
          case ALL_SUCCEEDED -> part.keys() == 0 || part.type() == '+';
          case ONE_SUCCEEDED, DEFAULT, SPECIAL -> true;
          case AGG_MIN, AGG_MAX, AGG_LOGICAL_OR -> false;
        };
    if (!shaped) {
      part.isOdd();
    }
    return !shaped;
  }

  /** Parts whose nodes say nothing count for no error if something is given for all their keys. */
  private static void replaceFailedParts(Gather of, Substitutes given) {
    for (int i = 0; i < of.count(); i++) {
      NodeFailure failure = of.part(i).nodeFailure();
      if (failure != null && hasAll(of, i, given, failure)) {
        of.part(i).isReplaced();
      }
    }
  }

  private static boolean hasAll(Gather of, int part, Substitutes given, NodeFailure failure) {
    for (int key = 0; key < of.keyCount(); key++) {
      if (of.isOfPart(key, part) && given.of(key, failure) == null) {
        return false;
      }
    }
    return true;
  }

  // ---------------------------------------------------------------- by what they say

  private void merge(Gather of, Merger byMeaning, InFlight to) {
    Part wrong = firstError(of);
    int right = 0;
    for (int i = 0; i < of.count(); i++) {
      right += isError(of, of.part(i)) ? 0 : 1;
    }
    if (wrong != null && right < byMeaning.needed(of.count())) {
      wrong.giveError(to);
      return;
    }
    ByteBuf out = allocator.directBuffer();
    try {
      byMeaning.merge(nodeReplies(of)).write(out);
      to.onReply(out, 0, out.readableBytes(), true);
    } catch (IllegalArgumentException e) {
      to.onFailure(NodeFailure.of(FailureKind.PROTOCOL, "Invalid reply: " + e.getMessage()));
    } finally {
      out.release();
    }
  }

  /** What those say that have not answered with an error. */
  private static NodeReplies nodeReplies(Gather of) {
    List<ReplyValue> values = new ArrayList<>();
    List<String> nodes = new ArrayList<>();
    for (int i = 0; i < of.count(); i++) {
      if (!isError(of, of.part(i))) {
        values.add(of.part(i).value());
        nodes.add(ReplyValue.bytesOf(of.part(i).nodeName()));
      }
    }
    return new NodeReplies(values, nodes, of.arguments());
  }

  // ---------------------------------------------------------------- by response policy

  /** Beginning anywhere, so that RANDOMKEY is not always the same node's. */
  private static Part oneThatIsNotNil(Gather of) {
    int start = ThreadLocalRandom.current().nextInt(of.count());
    for (int i = 0; i < of.count(); i++) {
      Part part = of.part((start + i) % of.count());
      if (!part.isNil()) {
        return part;
      }
    }
    return of.part(0);
  }

  /** Lists of 0 and 1, all of the same length: 1 where every node says 1. */
  private void logicalAnd(Gather of, InFlight to) {
    long length = of.part(0).number();
    ByteBuf out = allocator.directBuffer();
    try {
      Replies.writeArrayHeader(out, length);
      for (long i = 0; i < length; i++) {
        long all = 1;
        for (int j = 0; j < of.count(); j++) {
          all &= of.part(j).readNumber();
        }
        Replies.writeInteger(out, all);
      }
      to.onReply(out, 0, out.readableBytes(), true);
    } finally {
      out.release();
    }
  }

  private void concatenated(Gather of, InFlight to) {
    long length = 0;
    for (int i = 0; i < of.count(); i++) {
      length += of.part(i).number();
    }
    ByteBuf header = batches.take();
    Replies.writeArrayHeader(header, length);
    give(header, to, false);
    for (int i = 0; i < of.count(); i++) {
      of.part(i).giveRest(to, i == of.count() - 1);
    }
  }

  private void inKeyOrder(Gather of, @Nullable Substitutes given, InFlight to) {
    int keyCount = of.keyCount();
    ByteBuf piece = batches.take();
    try {
      Replies.writeArrayHeader(piece, keyCount);
      for (int i = 0; i < keyCount; i++) {
        Part part = of.partOfKey(i);
        int length = part.saysNothing() ? 0 : part.elementLength(elements);
        byte[] instead = given == null ? null : instead(given, i, part);
        int bytes = instead == null ? length : instead.length;
        if (piece.isReadable() && piece.readableBytes() + bytes > MERGED_PIECE) {
          ByteBuf full = piece;
          piece = batches.take(); // if there is none, the full one is not given back twice
          give(full, to, false);
        }
        boolean last = i == keyCount - 1;
        if (instead != null) {
          part.skipElement(length);
          giveInstead(instead, piece, to, last);
        } else if (length <= MERGED_PIECE) {
          part.writeElement(piece, length);
        } else {
          part.giveElement(to, length, last);
        }
      }
      if (piece.isReadable()) {
        to.onReply(piece, 0, piece.readableBytes(), true);
      }
    } finally {
      batches.give(piece);
    }
  }

  /** What is given for a key in place of what its part says; null: that is given. */
  private static byte @Nullable [] instead(Substitutes given, int key, Part part) {
    return part.saysNothing() || part.isNilNext() ? given.of(key, part.nodeFailure()) : null;
  }

  private static void giveInstead(byte[] element, ByteBuf piece, InFlight to, boolean last) {
    if (element.length <= MERGED_PIECE) {
      piece.writeBytes(element);
    } else {
      to.onReply(Unpooled.wrappedBuffer(element), 0, element.length, last);
    }
  }

  private void sum(Gather of, InFlight to) {
    long sum = 0;
    for (int i = 0; i < of.count(); i++) {
      sum += of.part(i).number();
    }
    ByteBuf line = batches.take();
    Replies.writeInteger(line, sum);
    give(line, to, true);
  }

  /** Gives what is in a batch, and the batch back. */
  private void give(ByteBuf batch, InFlight to, boolean last) {
    try {
      to.onReply(batch, 0, batch.readableBytes(), last);
    } finally {
      batches.give(batch);
    }
  }
}
