package io.cashew.proxy.client.answer;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a pool say of themselves in {@code INFO}, for all clients of one worker:
 * however many ask, the nodes are asked once at a time and not again for a moment, and one that
 * says nothing holds nobody up for long. Confined to the worker.
 *
 * <p>No {@link io.cashew.proxy.route.gather.Gather}, which has one answer, complete or an error,
 * and drops what comes later. This answers with what is there when time is up, and what a node says
 * late counts the next time.
 */
public final class NodesInfo {
  /** How long what nodes have said is taken for what they would say. */
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long a node is waited for. Clients ask when they connect, and must not hang with it. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long MAX_BYTES = 1 << 20;

  private static final byte[] REQUEST = Replies.bytes("*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n");

  /**
   * What nodes say, as if they were one server. Nobody changes it.
   *
   * @param known of how many nodes that is: one that hangs still has what it said last
   * @param answered how many of them have answered now
   */
  record Said(InfoText text, int known, int answered, long atNanos) {}

  /** What each node has said last, in good time or not; nobody changes it. */
  private final Map<Backend, InfoText> lastOf = new HashMap<>();

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
  public void onTick(long nowNanos) {
    Round asking = round;
    if (asking != null && nowNanos - asking.beganNanos >= PATIENCE_NANOS) {
      asking.end();
    }
  }

  /** The pool has other nodes: what was said counts no more. */
  public void forget() {
    last = null;
    lastOf.clear();
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
        Part part = new Part(this, node);
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
      List<InfoText> texts = new ArrayList<>();
      int answered = 0;
      for (Part part : parts) {
        InfoText text = part.over ? part.text : lastOf.get(part.node);
        if (text != null) {
          texts.add(text);
          answered += part.over ? 1 : 0;
        }
      }
      Said said = new Said(InfoText.merged(texts), texts.size(), answered, beganNanos);
      last = said;
      receivers.forEach(receiver -> receiver.accept(said));
    }
  }

  /** What one node says. */
  private final class Part extends InFlight {
    private final Round round;
    private final Backend node;
    private final ByteBuf bytes = Unpooled.buffer();
    private @Nullable InfoText text;

    /** It has answered, or will not. */
    private boolean over;

    Part(Round round, Backend node) {
      this.round = round;
      this.node = node;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      if (bytes.readableBytes() + (long) length <= MAX_BYTES) {
        bytes.writeBytes(buf, index, length);
      }
      if (last) {
        text = read();
        over = true;
        if (text != null) {
          lastOf.put(node, text);
        }
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
      over = true;
      round.answered();
    }

    /** Never stalls: it is held whole. */
    @Override
    public void onStallTimeout() {}
  }
}
