package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One step of an iteration over the keys of all nodes, one node after another: {@link ScanCursor}
 * says where it stands. Confined to a worker.
 */
final class Scan extends InFlight {
  private final ByteBufAllocator allocator;
  private final InFlight reply;
  private final Node node;
  private final LongFunction<OptionalLong> following;
  private final int nodes;
  private final long maxGathered;
  private @Nullable ByteBuf gathered;
  private boolean tooLarge;

  /**
   * A step on {@code node}, whose answer goes to {@code reply}; one of more than {@code
   * maxGathered} bytes is not held but answered with an error.
   *
   * @param following the client's next cursor by the node's; empty if there is no room for it
   * @param nodes over how many the iteration goes
   */
  Scan(
      ByteBufAllocator allocator,
      InFlight reply,
      Node node,
      LongFunction<OptionalLong> following,
      int nodes,
      long maxGathered) {
    this.allocator = allocator;
    this.maxGathered = maxGathered;
    this.reply = reply;
    this.node = node;
    this.following = following;
    this.nodes = nodes;
  }

  /** A client's cursor as a number; null if it is none. */
  static @Nullable Long cursor(RequestFrame frame) {
    if (frame.length(1) > 20) {
      return null;
    }
    return number(frame.buf(), frame.offset(1), frame.length(1));
  }

  private static @Nullable Long number(ByteBuf buf, int offset, int length) {
    try {
      return Long.parseUnsignedLong(buf.toString(offset, length, StandardCharsets.US_ASCII));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The request with the node's cursor in place of the client's; owned by the caller. */
  static ByteBuf request(ByteBufAllocator allocator, RequestFrame frame, long nodeCursor) {
    ByteBuf request = allocator.directBuffer(frame.length() + 20);
    int firstEnd = frame.offset(0) + frame.length(0) + 2;
    int secondEnd = frame.offset(1) + frame.length(1) + 2;
    request.writeBytes(frame.buf(), frame.start(), firstEnd - frame.start());
    Replies.writeBulk(request, Long.toUnsignedString(nodeCursor));
    request.writeBytes(frame.buf(), secondEnd, frame.end() - secondEnd);
    return request;
  }

  @Override
  public void goesTo(Node to) {
    reply.goesTo(to);
  }

  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    ByteBuf kept = gathered;
    int keptBytes = kept == null ? 0 : kept.readableBytes();
    if (tooLarge || (long) keptBytes + length > maxGathered) {
      dropTooLarge(last);
      return;
    }
    if (kept == null) {
      gathered = kept = allocator.directBuffer(length);
    }
    kept.writeBytes(buf, index, length);
    if (last) {
      gathered = null;
      try {
        answer(kept);
      } finally {
        kept.release();
      }
    }
  }

  private void dropTooLarge(boolean last) {
    tooLarge = true;
    dropGathered();
    if (last) {
      String text = "reply to SCAN is larger than " + maxGathered + " bytes: use a smaller COUNT";
      reply.onFailure(NodeFailure.of(FailureKind.OVERLOADED, text));
    }
  }

  private void dropGathered() {
    ByteBuf kept = gathered;
    if (kept != null) {
      gathered = null;
      kept.release();
    }
  }

  /** {@code *2}, the cursor as a bulk string, then the keys: only the cursor becomes another. */
  private void answer(ByteBuf kept) {
    if (kept.getByte(0) != '*') {
      reply.onReply(kept, 0, kept.readableBytes(), true);
      return;
    }
    // Anything else of two elements would be a reply, but not to SCAN; of more or fewer, given on
    // behind a header of two, it would shift the client's later replies.
    boolean shaped = kept.readableBytes() > 5 && kept.getByte(1) == '2' && kept.getByte(4) == '$';
    int cursorStart = shaped ? afterLine(kept, 4) : 0;
    int cursorEnd = shaped ? afterLine(kept, cursorStart) : 0;
    boolean hasCursor = cursorEnd - cursorStart > 2 && kept.getByte(cursorEnd) == '*';
    Long nodeCursor =
        hasCursor ? number(kept, cursorStart, cursorEnd - cursorStart - 2) : (Long) null;
    if (nodeCursor == null) {
      reply.onFailure(NodeFailure.of(FailureKind.PROTOCOL, "Invalid reply: SCAN without a cursor"));
      return;
    }
    OptionalLong next = following.apply(nodeCursor);
    if (next.isEmpty()) {
      reply.onFailure(NodeFailure.of(FailureKind.OVERLOADED, tooLarge(nodeCursor)));
      return;
    }
    ByteBuf head = allocator.directBuffer(64);
    try {
      Replies.writeArrayHeader(head, 2);
      Replies.writeBulk(head, Long.toUnsignedString(next.getAsLong()));
      reply.onReply(head, 0, head.readableBytes(), false);
    } finally {
      head.release();
    }
    reply.onReply(kept, cursorEnd, kept.writerIndex() - cursorEnd, true);
  }

  private static int afterLine(ByteBuf buf, int from) {
    return buf.indexOf(from, buf.writerIndex(), (byte) '\n') + 1;
  }

  /** A client's cursor must be exact or none: a wrong one would leave keys out without a word. */
  private String tooLarge(long nodeCursor) {
    return "cursor "
        + Long.toUnsignedString(nodeCursor)
        + " of node '"
        + node.name()
        + "' has no room in one over "
        + nodes
        + " nodes, which has 64 bits: scan each node by itself, at "
        + node.address().text()
        + " and so on";
  }

  @Override
  public void onFailure(NodeFailure failure) {
    dropGathered();
    reply.onFailure(failure);
  }

  /** Never stalls: a step's reply is held whole. */
  @Override
  public void onStallTimeout() {}
}
