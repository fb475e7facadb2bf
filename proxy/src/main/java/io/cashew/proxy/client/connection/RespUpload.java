package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.RequestStream;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestDecoder;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Upload} in RESP. It is checked as it passes, by the same rules as any other request.
 * Confined to the worker.
 */
final class RespUpload extends Upload {
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

  /** Null: the request goes as it comes. */
  private @Nullable UploadLife life;

  /**
   * Takes over the request that {@code decoder} has found incomplete.
   *
   * @param resume runs when the node takes more again
   */
  RespUpload(
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

  @Override
  void lookAgain() {
    looksAgain = true;
  }

  @Override
  boolean started() {
    return started;
  }

  @Override
  boolean ended() {
    return ended;
  }

  @Override
  boolean blocked() {
    return stream != null && !stream.writable();
  }

  @Override
  int take(ByteBuf in, int from, int to) {
    if (!started) {
      started = true;
      if (looksAgain) {
        backend = partialRequests.backendOf(client, decoder, in, from, to, backend);
      }
      ReplySlot slot = client.addSlotOfUpload(command, in, from, to - from);
      if (client.pool().router().table().slotsMove()) {
        slot.cannotGoElsewhere();
      }
      String refusal =
          command == null ? null : partialRequests.refusal(client, command, decoder, in, from, to);
      if (refusal == null) {
        partialRequests.begins(client, decoder, in, from, to);
        stream = backend.stream(slot, client.lane(), resume);
        life =
            command == null
                ? null
                : partialRequests.life(client, command, decoder, in, from, to, checkedLeft);
      } else {
        client.pool().recorder().refused(RefusalKind.RATE_LIMITED);
        slot.give(Replies.error(refusal)); // what follows is read, and goes nowhere
      }
    }
    int at = from;
    while (at < to && !ended) {
      int next = step(in, at, to);
      if (next == at) {
        break;
      }
      if (stream != null) {
        write(stream, in, at, next - at);
      }
      at = next;
    }
    return at;
  }

  private void write(RequestStream to, ByteBuf in, int at, int length) {
    if (life == null) {
      to.write(in, at, length);
    } else {
      life.write(to, in, at, length);
    }
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
        write(stream, in, at, 2);
        if (life != null) {
          life.end(stream);
        }
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
    if (life != null) {
      life.argumentBegins();
    }
    lineEndDue = true;
    return next;
  }

  @Override
  boolean abort(byte[] error) {
    RequestStream begun = stream;
    stream = null;
    return begun != null && begun.abort(new NodeFailure(FailureKind.ABANDONED, error));
  }
}
