package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.RequestStream;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestDecoder;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A large request of one client that is sent on while it is still coming in. Confined to the
 * worker.
 *
 * <p>It is checked as it passes, by the same rules as any other request; it has a connection of its
 * own, so that a client that is slow, breaks the protocol or leaves harms nobody else.
 */
final class Upload {
  private final ConnectedClient client;
  private final Runnable resume;
  private final PartialRequests partialRequests;
  private Backend backend;
  private final @Nullable Command command;
  private final RequestDecoder decoder;

  /** Bytes from the request's start that the decoder has read already. */
  private int checkedLeft;

  private int argumentsLeft;
  private long argumentBytesLeft;
  private boolean lineEndDue;
  private boolean started;
  private boolean looksAgain;
  private boolean ended;
  private @Nullable RequestStream stream;

  /**
   * Takes over the request that {@code decoder} has found incomplete.
   *
   * @param resume runs when the node takes more again
   */
  Upload(
      ConnectedClient client,
      Backend backend,
      @Nullable Command command,
      RequestDecoder decoder,
      PartialRequests partialRequests,
      Runnable resume) {
    this.client = client;
    this.backend = backend;
    this.command = command;
    this.decoder = decoder;
    this.partialRequests = partialRequests;
    this.resume = resume;
    checkedLeft = decoder.scanned();
    argumentsLeft = decoder.argumentsLeft();
    decoder.reset();
  }

  /** Keys have moved: if it has not begun, it looks again where it goes. */
  void lookAgain() {
    looksAgain = true;
  }

  /** Whether its first byte has passed. */
  boolean started() {
    return started;
  }

  /** Whether the last byte has passed. */
  boolean ended() {
    return ended;
  }

  /** Whether the node takes nothing now; the client is told when it does. */
  boolean blocked() {
    return stream != null && !stream.writable();
  }

  /**
   * Passes on what can be passed on. Called when the client is owed no reply, so that its earlier
   * requests are done before this one begins.
   *
   * @return index of the first byte that must come again, with more behind it
   */
  int take(ByteBuf in, int from, int to) {
    if (!started) {
      started = true;
      if (looksAgain) {
        backend = partialRequests.backendOf(decoder, in, from, to, backend);
      }
      ReplySlot slot = client.addSlotOfUpload(command, in, from, to - from);
      stream = backend.stream(slot, client.lane(), resume);
    }
    int at = from;
    while (at < to && !ended) {
      int next = step(in, at, to);
      if (next == at) {
        break;
      }
      if (stream != null) {
        stream.write(in, at, next - at);
      }
      at = next;
    }
    return at;
  }

  /** Checks the next piece. @return index after it; {@code at} if too little of it is there */
  private int step(ByteBuf in, int at, int to) {
    if (checkedLeft > 0) {
      int piece = Math.min(checkedLeft, to - at);
      checkedLeft -= piece;
      return at + piece;
    }
    if (argumentBytesLeft > 0) {
      int piece = (int) Math.min(argumentBytesLeft, to - at);
      argumentBytesLeft -= piece;
      return at + piece;
    }
    return lineEndDue ? lineEnd(in, at, to) : argumentHeader(in, at, to);
  }

  private int lineEnd(ByteBuf in, int at, int to) {
    // The CR is looked at as soon as it is there: a sender whose length was too small may not send
    // another byte.
    boolean lineFeedThere = to - at >= 2;
    if (in.getByte(at) != '\r' || (lineFeedThere && in.getByte(at + 1) != '\n')) {
      throw new ProtocolException("Protocol error: expected CRLF after an argument");
    }
    if (!lineFeedThere) {
      return at;
    }
    lineEndDue = false;
    if (argumentsLeft == 0) {
      ended = true;
      if (stream != null) {
        stream.write(in, at, 2);
        stream.end();
        stream = null;
      }
    }
    return at + 2;
  }

  private int argumentHeader(ByteBuf in, int at, int to) {
    decoder.requireBulk(in, at);
    int next = decoder.bulkHeader(in, at, to);
    if (next < 0) {
      return at;
    }
    argumentBytesLeft = decoder.bulkLength();
    argumentsLeft--;
    lineEndDue = true;
    return next;
  }

  /** The client has left. */
  void abort() {
    abort(Replies.error("ERR The client left in the middle of the request"));
  }

  /**
   * The client has left, or has broken the protocol: the rest will not come.
   *
   * @param error the reply
   * @return whether this was given; if not, the request had its reply already, or has not begun
   */
  boolean abort(byte[] error) {
    RequestStream begun = stream;
    stream = null;
    return begun != null && begun.abort(new NodeFailure(FailureKind.ABANDONED, error));
  }
}
