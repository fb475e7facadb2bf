package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.memcached.ItemLine;
import io.cashew.proxy.memcached.Words;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Redirectable;
import io.cashew.proxy.route.RequestHome;
import io.cashew.proxy.route.RoutingTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What one node says to its part of a request that several are asked. Confined to the worker; used
 * again with its {@link Gather}.
 *
 * <p>A part goes to another server by itself if one has not executed it. Its bytes are not kept for
 * that: they are cut again from those of the whole request. One that is the whole request, for all
 * that a server has, goes to the server that takes the place of that one, and to none that has had
 * it.
 */
final class Part extends Redirectable {
  private final Gather gather;
  private int index;

  /** Its bytes, if it is sent again. */
  private @Nullable ByteBuf request;

  /** To whom it was sent first; null: to nobody yet. */
  private @Nullable Backend first;

  private boolean isNeedless;
  private int order;
  private int keys;
  private @Nullable NodeFailure failure;

  /** Its node says nothing, and what is given for its keys is known. */
  private boolean isReplaced;

  private boolean isNodesFailure;

  /** Holds what has come of the reply: the gather's buffer for small ones, or one of its own. */
  private @Nullable ByteBuf bytes;

  private boolean ownBytes;

  /** What of the reply has not been read is here. */
  private int start;

  private int end;
  private long number;

  /** A part of a gather. */
  Part(Gather gather) {
    this.gather = gather;
  }

  /** Begins to wait for a node, at its index there; the rest as {@link Gather#add} says. */
  void begin(int indexThere, int place, Backend from, int keyCount) {
    index = indexThere;
    order = place;
    keys = keyCount;
    if (gather.mayGoElsewhere()) {
      canGoElsewhere();
    }
    first = from;
    sentTo(from);
  }

  /** Its bytes are these, which it owns from now on, and not a cut of the whole request. */
  void isAskedBy(ByteBuf bytesOfRequest) {
    request = bytesOfRequest;
  }

  void reset() {
    release();
    ByteBuf kept = request;
    if (kept != null) {
      request = null;
      kept.release();
    }
    first = null;
    isNeedless = false;
    forgetBackend();
    forgetDetour();
    failure = null;
    isNodesFailure = false;
    isReplaced = false;
  }

  // ---------------------------------------------------------------- to another server

  @Override
  protected Exchange exchange() {
    return gather.exchange();
  }

  @Override
  public boolean wanted() {
    return gather.exchange().wanted();
  }

  @Override
  protected boolean hasManyKeys() {
    return keys != 1;
  }

  @Override
  protected ByteBuf bytes() {
    ByteBuf kept = request;
    if (kept == null) {
      request = kept = gather.bytesOf(index);
    }
    return kept;
  }

  @Override
  protected @Nullable Backend place(RequestHome home) {
    RoutingTable then = gather.sentBy();
    if (then == null) {
      return super.place(home);
    }
    Backend now = home.inPlaceOf(first(), then, isAtReplica());
    isNeedless = now == null;
    return now;
  }

  @Override
  protected @Nullable Backend placeInsteadOf(Backend from, RequestHome home) {
    return gather.sentBy() == null ? super.placeInsteadOf(from, home) : place(home);
  }

  /** Its server had nothing, and is no primary any more: the reply is that of the others. */
  boolean isNeedless() {
    return isNeedless;
  }

  private Backend first() {
    Backend asked = first;
    if (asked == null) {
      throw new IllegalStateException("a part that was sent to nobody is sent again");
    }
    return asked;
  }

  @Override
  protected boolean mayGoTo(Backend to) {
    return gather.sentBy() == null || !gather.any(part -> part != this && part.isAt(to));
  }

  // ---------------------------------------------------------------- the reply, as it comes

  @Override
  protected void answered(ByteBuf buf, int from, int length, boolean last) {
    NodeFailure tooLarge = gather.gathers(length);
    InFlight receiver = gather.reply();
    if (tooLarge != null) {
      failure = tooLarge;
    } else if (receiver == null || !receiver.wanted()) {
      forget(NodeFailure.ABANDONED);
    } else if (failure == null) {
      try {
        hold(buf, from, length, last);
      } catch (OutOfMemoryError e) { // of buffers; others on the node's connection go on
        forget(Gather.NO_MEMORY);
      }
    }
    if (last) {
      over();
    } else if (failure == null) {
      waitForRoom();
    }
  }

  private void hold(ByteBuf buf, int from, int length, boolean last) {
    ByteBuf kept = bytes;
    if (kept == null) {
      ByteBuf shared = last ? gather.roomFor(length) : null;
      ownBytes = shared == null;
      bytes = kept = shared == null ? gather.buffer(length) : shared;
      start = kept.writerIndex();
      end = start;
    }
    kept.writeBytes(buf, from, length);
    end = kept.writerIndex();
    gather.holds(length);
  }

  private void waitForRoom() {
    switch (room()) {
      case ENOUGH -> {}
      case LATER -> stallNode();
      case NONE -> notHeld();
    }
  }

  private void notHeld() {
    forget(
        NodeFailure.of(
            FailureKind.OVERLOADED,
            "the reply could not be held until its turn: the client has not taken what comes"
                + " before it"));
  }

  /** What is here of the reply is not needed, nor what comes of it. */
  private void forget(NodeFailure why) {
    failure = why;
    if (bytes != null) {
      gather.holds(-(end - start));
      release();
    }
  }

  private void release() {
    ByteBuf kept = bytes;
    bytes = null;
    if (kept != null && ownBytes) {
      kept.release();
    }
  }

  @Override
  public Room room() {
    InFlight receiver = gather.reply();
    return receiver == null ? Room.ENOUGH : receiver.room();
  }

  @Override
  public void onStalledTick() {
    if (room() == Room.ENOUGH) {
      unstallNode();
    }
  }

  /** The client has not taken what comes before; others wait for the node. */
  @Override
  public void onStallTimeout() {
    InFlight receiver = gather.reply();
    if (receiver != null) {
      receiver.onWaitedInVain();
    }
    notHeld();
  }

  @Override
  protected void failed(NodeFailure nodeFailure) {
    failure = nodeFailure;
    isNodesFailure = true;
    over();
  }

  private void over() {
    InFlight whole = gather.reply();
    Backend answered = backend();
    if (whole != null && answered != null) {
      whole.partOver(answered.node());
    }
    gather.partOver();
  }

  // ---------------------------------------------------------------- the reply, when all have come

  /** Its place in the order of errors. */
  int order() {
    return order;
  }

  /** How many keys it has; 0: it is a whole request. */
  int keys() {
    return keys;
  }

  /** Why its node says nothing; null: it does, or the proxy has not held what it said. */
  @Nullable NodeFailure nodeFailure() {
    return isNodesFailure ? failure : null;
  }

  /** What is given for its keys is known, so that its failure is none of the whole reply. */
  void isReplaced() {
    isReplaced = true;
  }

  /** Whether its node says nothing that would be part of the reply. */
  boolean saysNothing() {
    return isReplaced;
  }

  /** Whether this is an error. */
  boolean isError() {
    return failure != null || type() == '-' || type() == '!';
  }

  /** The reply is not of the shape that it should have: it counts as an error. */
  void isOdd() {
    failure =
        NodeFailure.of(
            FailureKind.PROTOCOL, "Invalid reply: a node answered a part of the request oddly");
  }

  /** The first byte of the reply; 0: there is none. */
  byte type() {
    ByteBuf kept = bytes;
    return kept == null || start == end ? 0 : kept.getByte(start);
  }

  boolean isNil() {
    ByteBuf kept = bytes;
    return kept != null
        && end - start > 1
        && (type() == '_' || (type() != ':' && kept.getByte(start + 1) == '-'));
  }

  /** Whether this is an array of nothing but {@code :0} and {@code :1}. */
  boolean isFlags() {
    ByteBuf kept = bytes;
    if (kept == null || type() != '*') {
      return false;
    }
    for (int at = kept.indexOf(start, end, (byte) '\n') + 1; at < end; at += 4) {
      byte digit = kept.getByte(at + 1); // no element is shorter than three bytes
      if (kept.getByte(at) != ':'
          || (digit != '0' && digit != '1')
          || kept.getByte(at + 2) != '\r') {
        return false;
      }
    }
    return kept.getByte(start + 1) != '-';
  }

  /** Reads the number of the reply's first line and goes to the next. */
  long readNumber() {
    ByteBuf kept = bytes;
    assert kept != null;
    int at = start + 1;
    boolean negative = kept.getByte(at) == '-';
    if (negative) {
      at++;
    }
    long value = 0;
    for (byte b = kept.getByte(at++); b != '\r'; b = kept.getByte(at++)) {
      value = value * 10 + (b - '0');
    }
    start = at + 1;
    number = negative ? -value : value;
    return number;
  }

  /** The number that was read last. */
  long number() {
    return number;
  }

  // ---------------------------------------------------------------- the same in memcached's words

  /** Why there is no reply; null: there is one. */
  @Nullable NodeFailure failure() {
    return failure;
  }

  /** Whether the last line is an error. */
  boolean isErrorLine() {
    ByteBuf kept = bytes;
    return kept == null || Words.isError(kept, lastLineStart(kept), end);
  }

  private int lastLineStart(ByteBuf kept) {
    int at = end - 2;
    while (at >= start && kept.getByte(at) != '\n') {
      at--;
    }
    return at + 1;
  }

  /** The last line, its end included. */
  byte[] lastLine() {
    ByteBuf kept = bytes;
    assert kept != null;
    int from = lastLineStart(kept);
    return ByteBufUtil.getBytes(kept, from, end - from);
  }

  /** What was not read of the reply, a byte a character. */
  String text() {
    ByteBuf kept = bytes;
    return kept == null ? "" : kept.toString(start, end - start, StandardCharsets.ISO_8859_1);
  }

  /** Goes to the next key. @return bytes of its item, which is the next; 0: it has none */
  int itemOfNextKey() {
    ByteBuf kept = bytes;
    int length = kept == null ? 0 : ItemLine.lengthIfOf(expected(), kept, start, end);
    expected().toNext();
    return length;
  }

  String nodeName() {
    Backend answered = backend();
    return answered == null ? "" : answered.node().name();
  }

  String poolName() {
    Backend answered = backend();
    return answered == null ? "" : answered.node().pool();
  }

  /** What the reply says. */
  ReplyValue value() {
    ByteBuf kept = bytes;
    assert kept != null;
    return ReplyValue.read(kept.slice(start, end - start));
  }

  /** Gives the error that it is. */
  void giveError(InFlight to) {
    NodeFailure failed = failure;
    if (failed == null) {
      giveRest(to, true);
    } else if (gather.writes()) {
      to.onFailure(
          NodeFailure.of(
              failed.kind(),
              failed.text() + "; the parts of the request for other nodes may have been executed"));
    } else {
      to.onFailure(failed);
    }
  }

  /** Gives what was not read of the reply. */
  void giveRest(InFlight to, boolean last) {
    ByteBuf kept = bytes;
    assert kept != null;
    to.onReply(kept, start, end - start, last);
  }

  /** Bytes of the next element of an array, found by a decoder that is at a start. */
  int elementLength(ReplyDecoder elements) {
    ByteBuf kept = bytes;
    assert kept != null;
    return elements.feed(kept, start, end) - start;
  }

  /** Whether the next element is nil. */
  boolean isNilNext() {
    ByteBuf kept = bytes;
    assert kept != null;
    byte first = kept.getByte(start);
    return first == '_' || (first == '$' && kept.getByte(start + 1) == '-');
  }

  /** Passes over the next element. */
  void skipElement(int length) {
    start += length;
  }

  /** Copies the next element. */
  void writeElement(ByteBuf out, int length) {
    ByteBuf kept = bytes;
    assert kept != null;
    out.writeBytes(kept, start, length);
    start += length;
  }

  /** Gives the next element as it is here. */
  void giveElement(InFlight to, int length, boolean last) {
    ByteBuf kept = bytes;
    assert kept != null;
    to.onReply(kept, start, length, last);
    start += length;
  }
}
