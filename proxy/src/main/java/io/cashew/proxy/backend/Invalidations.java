package io.cashew.proxy.backend;

import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection on which one server tells of all keys that change and begin in certain ways
 * ({@code CLIENT TRACKING ON BCAST}). Confined to its worker. It is asked with a {@code PING} all
 * the time, one after the other, since only an answer tells that all there was to tell has come. A
 * connection that ends is made anew; what the server had to tell meanwhile is lost.
 */
public final class Invalidations {
  private static final Logger LOG = LoggerFactory.getLogger(Invalidations.class);

  private static final byte[] INVALIDATE = Replies.bytes(">2\r\n$10\r\ninvalidate\r\n");
  private static final byte[] PING = OwnCommands.PING;

  private static final long PING_MILLIS = 100;
  private static final long RETRY_MILLIS = 100;

  /** A server that refuses to tell is asked again, but not as if it were away. */
  private static final long REFUSED_MILLIS = 5000;

  /** Hears what the server tells. */
  public interface Listener {
    /** From now on the server tells of all that changes. */
    void onTracking(long askedNanos);

    /** All that the server had to tell when this PING was sent has been heard. */
    void onPong(long sentNanos);

    /** A key has changed; its bytes are borrowed. */
    void onInvalidated(ByteBuf buf, int index, int length);

    /** All keys may have changed. */
    void onAllInvalidated();

    /** Nothing is heard from now on. */
    void onLost();
  }

  private final Backend backend;
  private final byte[] trackingOn;
  private final Listener listener;
  private @Nullable RequestConnection connection;
  private boolean tracking;
  private boolean closed;
  private long nextTryTickMillis;
  private long nextPingTickMillis;
  private int pingsUnderWay;
  private final List<Runnable> waiting = new ArrayList<>();

  /**
   * Opens nothing before the first tick.
   *
   * @param backend this worker's side of the server
   * @param prefixes what the keys begin with, none of which begins with another
   */
  public Invalidations(Backend backend, List<byte[]> prefixes, Listener listener) {
    this.backend = backend;
    this.listener = listener;
    trackingOn = trackingOn(prefixes);
  }

  private static byte[] trackingOn(List<byte[]> prefixes) {
    ByteBuf request = Unpooled.buffer();
    Replies.writeArrayHeader(request, 4 + 2 * prefixes.size());
    for (String word : List.of("CLIENT", "TRACKING", "ON", "BCAST")) {
      Replies.writeBulk(request, word);
    }
    for (byte[] prefix : prefixes) {
      Replies.writeBulk(request, "PREFIX");
      Replies.writeBulk(request, prefix);
    }
    return ByteBufUtil.getBytes(request);
  }

  /** Whether the server tells of all that changes. */
  public boolean isTracking() {
    return tracking;
  }

  /** Makes anew what has ended, and asks whether all has been heard. */
  public void onTick(long tickMillis, long nowNanos) {
    assert backend.inThread();
    if (connection == null) {
      if (!closed && tickMillis >= nextTryTickMillis) {
        nextTryTickMillis = tickMillis + RETRY_MILLIS;
        open(tickMillis, nowNanos);
      }
    } else if (tracking && pingsUnderWay == 0 && tickMillis >= nextPingTickMillis) {
      nextPingTickMillis = tickMillis + PING_MILLIS;
      ping(nowNanos);
    }
  }

  private void open(long tickMillis, long nowNanos) {
    RequestConnection opened = backend.openForProxy(this::onPush, this::ended);
    connection = opened;
    if (opened != null) {
      opened.ask(trackingOn, reply -> onAnswer(reply, tickMillis, nowNanos), failure -> {});
    }
  }

  private void onAnswer(String reply, long tickMillis, long askedNanos) {
    if (reply.equals("+OK")) {
      tracking = true;
      listener.onTracking(askedNanos);
      return;
    }
    LOG.warn(
        "node '{}' does not tell of changed keys, so nothing is kept of it: {}",
        backend.node(),
        reply);
    end();
    nextTryTickMillis = tickMillis + REFUSED_MILLIS;
  }

  private void ping(long nowNanos) {
    RequestConnection to = connection;
    if (to != null) {
      pingsUnderWay++;
      to.ask(
          PING,
          pong -> {
            pingsUnderWay--;
            listener.onPong(nowNanos);
          },
          failure -> pingsUnderWay--);
    }
  }

  /**
   * Runs a task when all that the server has to tell now has been heard, or nothing is heard any
   * more.
   */
  public void whenHeard(Runnable task) {
    assert backend.inThread();
    RequestConnection to = connection;
    if (to == null || !tracking) {
      task.run();
      return;
    }
    waiting.add(task);
    to.ask(PING, pong -> isHeard(task), failure -> isHeard(task));
  }

  private void isHeard(Runnable task) {
    if (waiting.remove(task)) {
      task.run();
    }
  }

  // ---------------------------------------------------------------- what the server tells

  private void onPush(ByteBuf buf, int index, int length) {
    if (length <= INVALIDATE.length
        || !ByteBufUtil.equals(
            buf, index, Unpooled.wrappedBuffer(INVALIDATE), 0, INVALIDATE.length)) {
      return;
    }
    int at = index + INVALIDATE.length;
    if (buf.getByte(at) != '*') { // a null: the server was flushed
      listener.onAllInvalidated();
      return;
    }
    int end = index + length;
    at = lineEnd(buf, at, end);
    while (at < end) {
      int from = lineEnd(buf, at, end);
      int bytes = number(buf, at + 1, from - 2);
      if (buf.getByte(at) != '$' || bytes < 0 || from + bytes + 2 > end) {
        throw new ProtocolException("a message of a form that is not known");
      }
      listener.onInvalidated(buf, from, bytes);
      at = from + bytes + 2;
    }
  }

  /**
   * @return index after the line that begins at {@code at}
   */
  private static int lineEnd(ByteBuf buf, int at, int end) {
    int line = buf.indexOf(at, end, (byte) '\n');
    if (line < 0) {
      throw new ProtocolException("a message that ends too soon");
    }
    return line + 1;
  }

  private static int number(ByteBuf buf, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + (buf.getByte(i) - '0');
    }
    return number;
  }

  // ---------------------------------------------------------------- the end

  private void ended() {
    connection = null;
    pingsUnderWay = 0;
    if (tracking) {
      tracking = false;
      listener.onLost();
    }
    List<Runnable> tasks = List.copyOf(waiting);
    waiting.clear();
    tasks.forEach(Runnable::run);
  }

  private void end() {
    RequestConnection open = connection;
    if (open != null) {
      open.fail(NodeFailure.ABANDONED, false);
    }
  }

  /** Ends the connection. */
  public void close() {
    assert backend.inThread();
    closed = true;
    end();
  }
}
