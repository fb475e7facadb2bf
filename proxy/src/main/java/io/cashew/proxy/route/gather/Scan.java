package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Redirectable;
import io.cashew.proxy.route.RequestHome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One step of an iteration over the keys of all nodes, one node after another: {@link ScanStep}
 * says where it goes. Confined to a worker.
 *
 * <p>A step that a server has not executed goes where its client's cursor leads by then: to that
 * server again, or to another one that has its place, whose keys are begun anew.
 */
final class Scan extends Redirectable implements Exchange.Parts {
  private final ByteBufAllocator allocator;
  private final Exchange reply;
  private final Supplier<ScanStep> leads;
  private final int nodes;
  private final long maxGathered;

  private ScanStep step;

  /** With the server's cursor in place of the client's; null: it is over. */
  private @Nullable ByteBuf request;

  /** Of the cursor, as a bulk string. */
  private int cursorStart;

  private int cursorEnd;
  private @Nullable ByteBuf gathered;
  private boolean tooLarge;

  /**
   * A step whose answer goes to {@code reply}; one of more than {@code maxGathered} bytes is not
   * held but answered with an error.
   *
   * @param leads where the client's cursor leads at the time
   * @param nodes over how many the iteration goes
   */
  Scan(
      ByteBufAllocator allocator,
      Exchange reply,
      Supplier<ScanStep> leads,
      int nodes,
      long maxGathered) {
    this.allocator = allocator;
    this.maxGathered = maxGathered;
    this.reply = reply;
    this.leads = leads;
    this.nodes = nodes;
    step = leads.get();
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

  /** Sends it. @return the server that it goes to */
  Backend send(RequestFrame frame, Lane lane) {
    if (reply.mayGoElsewhere()) {
      canGoElsewhere();
      reply.goesInParts(this);
    }
    Backend server = step.server();
    ByteBuf bytes = requestOf(frame);
    bytes.retain(); // it may be over, with a failure, before it has been sent
    try {
      sentTo(server);
      server.send(bytes, 0, bytes.readableBytes(), this, lane);
    } finally {
      bytes.release();
    }
    return server;
  }

  private ByteBuf requestOf(RequestFrame frame) {
    int firstEnd = frame.offset(0) + frame.length(0) + 2;
    int secondEnd = frame.offset(1) + frame.length(1) + 2;
    cursorStart = firstEnd - frame.start();
    cursorEnd = secondEnd - frame.start();
    ByteBuf whole = frame.buf().slice(frame.start(), frame.length());
    ByteBuf written = withCursor(whole);
    request = written;
    return written;
  }

  /** The same request with the cursor of the step; returns owned. */
  private ByteBuf withCursor(ByteBuf whole) {
    ByteBuf written = allocator.directBuffer(whole.readableBytes() + 20);
    written.writeBytes(whole, 0, cursorStart);
    Replies.writeBulk(written, Long.toUnsignedString(step.cursor()));
    int end = written.writerIndex();
    written.writeBytes(whole, cursorEnd, whole.readableBytes() - cursorEnd);
    cursorEnd = end;
    return written;
  }

  // ---------------------------------------------------------------- to another server

  @Override
  protected Exchange exchange() {
    return reply;
  }

  @Override
  public boolean any(Predicate<Redirectable> is) {
    return is.test(this);
  }

  @Override
  public boolean wanted() {
    return reply.wanted();
  }

  @Override
  protected boolean hasManyKeys() {
    return true;
  }

  @Override
  protected ByteBuf bytes() {
    ByteBuf kept = request;
    if (kept == null) {
      throw new IllegalStateException("a step that is over is sent again");
    }
    return kept;
  }

  @Override
  protected Backend place(RequestHome home) {
    ScanStep next = leads.get();
    if (next.server() != step.server()) {
      step = next;
      ByteBuf former = bytes();
      request = withCursor(former);
      former.release();
    }
    return step.server();
  }

  @Override
  protected Backend placeInsteadOf(Backend from, RequestHome home) {
    return place(home);
  }

  /** Nothing of it is sent again. */
  private void isOver() {
    ByteBuf kept = request;
    if (kept != null) {
      request = null;
      kept.release();
    }
    reply.partsAreOver();
  }

  // ---------------------------------------------------------------- the reply

  @Override
  public void goesTo(Node to) {
    reply.goesTo(to);
  }

  @Override
  protected void answered(ByteBuf buf, int index, int length, boolean last) {
    if (last) {
      isOver();
    }
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
    OptionalLong next = step.following().apply(nodeCursor);
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
    Node node = step.server().node();
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
  protected void failed(NodeFailure failure) {
    isOver();
    dropGathered();
    reply.onFailure(failure);
  }

  /** Never stalls: a step's reply is held whole. */
  @Override
  public void onStallTimeout() {}
}
