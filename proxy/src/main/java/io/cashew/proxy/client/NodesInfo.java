package io.cashew.proxy.client;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.ReplyValue;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a pool say of themselves in {@code INFO}, for all clients of one worker:
 * however many ask, the nodes are asked once at a time and not again for a moment, and one that
 * says nothing holds nobody up for long. Confined to the worker.
 */
final class NodesInfo {
  /** How long what nodes have said is taken for what they would say. */
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long a node is waited for. Clients ask when they connect, and must not hang with it. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long MAX_BYTES = 1 << 20;

  private static final byte[] REQUEST = Replies.bytes("*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n");

  /** Those nodes that have answered, as if they were one server. Nobody changes it. */
  record Said(InfoText text, int nodes, long atNanos) {}

  private @Nullable Said last;
  private @Nullable Round round;

  /**
   * Gives {@code receiver} what the nodes say, now or soon.
   *
   * @param lane on which they are asked, if they are
   */
  void ask(Router router, Lane lane, long nowNanos, Consumer<Said> receiver) {
    Said known = last;
    if (known != null && nowNanos - known.atNanos < FRESH_NANOS) {
      receiver.accept(known);
      return;
    }
    Round asking = round;
    if (asking != null) {
      asking.receivers.add(receiver);
      return;
    }
    round = asking = new Round(nowNanos);
    asking.receivers.add(receiver);
    asking.begin(router.readers(), lane);
  }

  /** Ends what has taken too long. */
  void onTick(long nowNanos) {
    Round asking = round;
    if (asking != null && nowNanos - asking.beganNanos >= PATIENCE_NANOS) {
      asking.end();
    }
  }

  /** The pool has other nodes: what was said counts no more. */
  void forget() {
    last = null;
  }

  /** One question to every node. */
  private final class Round {
    private final long beganNanos;
    private final List<Consumer<Said>> receivers = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private int unanswered = 1; // one for the method that begins it: a node may fail at once

    Round(long beganNanos) {
      this.beganNanos = beganNanos;
    }

    private void begin(List<Backend> nodes, Lane lane) {
      for (Backend node : nodes) {
        Part part = new Part(this);
        parts.add(part);
        unanswered++;
        node.send(Unpooled.wrappedBuffer(REQUEST), 0, REQUEST.length, part, lane);
      }
      answered();
    }

    private void answered() {
      if (--unanswered == 0) {
        end();
      }
    }

    private void end() {
      if (round != this) {
        return; // it was not waited for
      }
      round = null;
      List<InfoText> texts = parts.stream().map(Part::text).filter(text -> text != null).toList();
      Said said = new Said(InfoText.merged(texts), texts.size(), beganNanos);
      last = said;
      receivers.forEach(receiver -> receiver.accept(said));
    }
  }

  /** What one node says. */
  private static final class Part extends InFlight {
    private final Round round;
    private final ByteBuf bytes = Unpooled.buffer();
    private @Nullable InfoText text;

    Part(Round round) {
      this.round = round;
    }

    @Nullable InfoText text() {
      return text;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      if (bytes.readableBytes() + (long) length <= MAX_BYTES) {
        bytes.writeBytes(buf, index, length);
      }
      if (last) {
        text = read();
        round.answered();
      }
    }

    /** Null for an error, and for what is no text. */
    private @Nullable InfoText read() {
      try {
        ReplyValue said = ReplyValue.read(bytes);
        return said.isText() ? InfoText.read(said.wordsInUtf8()) : null;
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        return null; // it was cut, or is none
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      round.answered();
    }

    /** Never stalls: it is held whole. */
    @Override
    public void onStallTimeout() {}
  }
}
