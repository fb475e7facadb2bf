package io.cashew.proxy.client;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.insight.AccessLines;
import io.cashew.proxy.insight.AccessLog;
import io.cashew.proxy.insight.BigKey;
import io.cashew.proxy.insight.BigKeys;
import io.cashew.proxy.insight.HotKeys;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.insight.RequestText;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.SlowRequest;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.CommandRecorder;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.tracing.TraceExport;
import io.cashew.proxy.tracing.TracedRequest.Times;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each request of one pool on one worker when it begins and when its reply is over: counts
 * it for its command, and notes it where it is slow, large or one of the sample that hot keys are
 * found in. Confined to the worker, but for {@link #topKeys()}.
 *
 * <p>A request that is none of these costs a clock that is read already, a copy of its first bytes,
 * and a few additions: no allocation, no lock, no look-up by name.
 */
public final class RequestInsight {
  private static final byte[] NO_KEY = {};
  private static final byte[] REDACTED = "(redacted)".getBytes(StandardCharsets.US_ASCII);
  private static final int KEYS_OF_A_REQUEST_MAX = 16;

  /** When a node stalls, all that wait for it are slow: nobody reads more than these. */
  private static final int SLOW_A_SECOND_MAX = 128;

  private static final String NO_NODE = "-";

  /** To make a list of keys costs an object a key: nobody looks at most of them. */
  private static final int SECONDS_UNASKED = 10;

  private static final int SECONDS_AFTER_ASKING = 60;

  private final Worker worker;
  private final PoolRecorder recorder;
  private final PoolInsight shared;
  private final HotKeys hotKeys;
  private final String pool;
  private final BigKeys bigKeys;
  private final @Nullable AccessLines accessLines;
  private final KeyPositions positions = new KeyPositions();
  private final byte[] key = new byte[HotKeys.KEY_BYTES_MAX];

  /** How many slow requests may still be noted before the second is over. */
  private int slowNotedThisSecond = SLOW_A_SECOND_MAX;

  private int rejections;

  /** Requests until the next that hot keys are looked for in. */
  private int untilSample;

  private volatile TopKeys topKeys = TopKeys.NONE;

  /** Somebody has looked at them since the last second. */
  private volatile boolean asked;

  /** Seconds until they are made anew without anybody's asking, and for how long each second. */
  private int untilPublished;

  private int publishedEachSecondFor;
  private boolean hadFound;
  private final Rates rates;
  private final RequestTraces traces;

  RequestInsight(String pool, Worker worker, PoolRecorder recorder, PoolInsight shared) {
    this.pool = pool;
    this.shared = shared;
    this.worker = worker;
    this.recorder = recorder;
    long now = worker.tickMillis();
    hotKeys = new HotKeys(shared.hotKeySample(), worker.index() + 1L, now);
    bigKeys = new BigKeys(shared.bigBytes(), now);
    AccessLog log = shared.accessLog();
    accessLines = log == null ? null : new AccessLines(log);
    rates = new Rates(recorder, now);
    traces = new RequestTraces(pool, worker, shared.traced(), shared.tracing());
    untilSample = shared.hotKeySample() == 0 ? Integer.MAX_VALUE : hotKeys.gap();
  }

  /** A request that takes longer is slow; {@link Long#MAX_VALUE}: none is. */
  public long slowNanos() {
    return shared.slowNanos();
  }

  /** The pool's slow requests. */
  public SlowLog slowLog() {
    return shared.slowLog();
  }

  /**
   * What was found of keys up to a second ago, or ten if nobody has asked for a minute; from any
   * thread.
   */
  public TopKeys topKeys() {
    asked = true;
    return topKeys;
  }

  private CommandRecorder recorderOf(Command command) {
    return recorder.commands.of(command.id(), command.name(), command.group());
  }

  // ---------------------------------------------------------------- requests

  /** A request that is allowed begins. */
  public void begins(RequestFrame frame, Command command) {
    assert worker.inThread();
    if (untilSample-- <= 0) {
      lookForKeys(frame, command);
    }
  }

  private void lookForKeys(RequestFrame frame, Command command) {
    if (shared.hotKeySample() == 0) {
      untilSample = Integer.MAX_VALUE;
      return;
    }
    untilSample = hotKeys.gap();
    if (command.hasOneKey()) {
      look(frame, command.firstKey());
    } else if (command.keys(frame, positions)) {
      int count = Math.min(positions.count(), KEYS_OF_A_REQUEST_MAX);
      for (int i = 0; i < count; i++) {
        look(frame, positions.index(i));
      }
    }
  }

  private void look(RequestFrame frame, int argument) {
    int length = frame.length(argument);
    frame.buf().getBytes(frame.offset(argument), key, 0, Math.min(length, key.length));
    hotKeys.add(key, length);
  }

  /**
   * A request was answered here, at once.
   *
   * @param refused whether its answer was told by {@link #rejected}
   */
  public void answeredHere(
      Session session, Command command, long arrivedNanos, long requestBytes, boolean refused) {
    CommandRecorder counts = recorderOf(command);
    long nanos = worker.nowNanos() - arrivedNanos;
    counts.calls++;
    counts.latency.record(nanos);
    AccessLines lines = accessLines;
    if (lines != null && lines.areOn()) {
      begin(lines, session, command);
      lines.noKey();
      lines.end(NO_NODE, TimeUnit.NANOSECONDS.toMicros(nanos), requestBytes, 0);
    }
    TraceExport export = traces.export();
    if (export != null && !refused && traces.takes(export)) {
      traces.here(export, session, command, nanos, requestBytes, 0, null);
    }
  }

  /** A request is queued in a transaction at its node. */
  public void queued(Command command) {
    recorderOf(command).calls++;
  }

  /** A request was refused before it began. */
  public void rejected(
      Session session, @Nullable Command command, long arrivedNanos, String error) {
    int space = error.indexOf(' ');
    String word = space < 0 ? error : error.substring(0, space);
    recorder.errors.add(word);
    rejections++;
    if (command != null) {
      recorderOf(command).rejected++;
      TraceExport export = traces.export();
      if (export != null && traces.takes(export)) {
        long nanos = worker.nowNanos() - arrivedNanos;
        traces.here(export, session, command, nanos, 0, 0, word);
      }
    }
  }

  /** How many requests were refused. */
  public int rejections() {
    return rejections;
  }

  /** An error reply, of which at least the first word is there. @return the word */
  public String error(ByteBuf buf, int index, int length) {
    int from = index + 1;
    int space = buf.indexOf(from, index + length, (byte) ' ');
    int line = buf.indexOf(from, index + length, (byte) '\r');
    int end = space < 0 ? line : line < 0 ? space : Math.min(space, line);
    int word = Math.min((end < 0 ? index + length : end) - from, 32);
    String first = buf.toString(from, Math.max(word, 0), StandardCharsets.ISO_8859_1);
    recorder.errors.add(first);
    return first;
  }

  /** The same of an error of the proxy's own. */
  public String error(byte[] reply) {
    int end = 1;
    while (end < reply.length && end < 33 && reply[end] > ' ') {
      end++;
    }
    String first = new String(reply, 1, end - 1, StandardCharsets.ISO_8859_1);
    recorder.errors.add(first);
    return first;
  }

  /** The reply to a request is over, and all of it is on its way to the client. */
  public void over(Session session, PendingReply reply, Command command) {
    assert worker.inThread();
    CommandRecorder counts = recorderOf(command);
    counts.calls++;
    if (reply.isError()) {
      counts.failed++;
    }
    long nanos = worker.nowNanos() - reply.arrivedNanos();
    if (!reply.waitsByIntent()) {
      counts.latency.record(nanos);
      if (nanos > shared.slowNanos() && !command.has(CommandFlag.SKIP_SLOWLOG)) {
        slow(session, reply, command, nanos);
      }
    }
    if (bigKeys.counts(Math.max(reply.requestBytes(), reply.replyBytes()))) {
      big(reply, command);
    }
    AccessLines lines = accessLines;
    if (lines != null && lines.areOn()) {
      begin(lines, session, command);
      key(lines, reply, command);
      lines.end(
          nodeOf(reply),
          TimeUnit.NANOSECONDS.toMicros(nanos),
          reply.requestBytes(),
          reply.replyBytes());
    }
    TraceExport export = traces.export();
    if (export != null && traces.takes(export, reply, command, nanos)) {
      byte[] first = export.target().keys() ? keyOf(reply, command) : NO_KEY;
      traces.over(export, session, reply, command, times(reply, nanos), first);
    }
  }

  /** Where the time of a request went. */
  private Times times(PendingReply reply, long nanos) {
    long now = worker.nowNanos();
    long queue = Math.min(Math.max(0, reply.queueNanos()), nanos);
    long writeBack = Math.min(Math.max(0, reply.writeBackNanos(now)), nanos - queue);
    return new Times(now, nanos, queue, writeBack);
  }

  /** Whether each request is logged. */
  public boolean logsRequests() {
    return accessLines != null;
  }

  /** A request has had its reply at once, as a server has given it before. */
  public void fromMemory(
      Session session, Command command, long arrivedNanos, int requestBytes, int replyBytes) {
    CommandRecorder counts = recorderOf(command);
    counts.calls++;
    long nanos = worker.nowNanos() - arrivedNanos;
    counts.latency.record(nanos);
    TraceExport export = traces.export();
    if (export != null && traces.takes(export)) {
      traces.here(export, session, command, nanos, requestBytes, replyBytes, null);
    }
  }

  private void begin(AccessLines lines, Session session, Command command) {
    lines.begin(System.currentTimeMillis(), session.peerText(), session.user(), command.name());
  }

  private void key(AccessLines lines, PendingReply reply, Command command) {
    byte[] first = shared.logsKeys() ? keyOf(reply, command) : NO_KEY;
    if (first.length == 0) {
      lines.noKey();
    } else {
      lines.key(first, 0, first.length);
    }
  }

  /** The first key as far as it was kept. */
  private byte[] keyOf(PendingReply reply, Command command) {
    int argument = command.hasMovableKeys() ? firstMovableKey(reply, command) : command.firstKey();
    byte[] first =
        argument <= 0
            ? null
            : new RequestText(reply.request().bytes(), reply.request().length()).argument(argument);
    return first == null ? NO_KEY : first;
  }

  /** Where the first key is if only the request tells; 0 if what was kept of it does not. */
  private int firstMovableKey(PendingReply reply, Command command) {
    ByteBuf kept = Unpooled.wrappedBuffer(reply.request().bytes(), 0, reply.request().length());
    RequestFrame frame = new RequestFrame();
    new RequestDecoder(RespLimits.DEFAULT).partial(kept, 0, kept.readableBytes(), frame);
    boolean found =
        command.takes(frame.argc()) && command.keys(frame, positions) && positions.count() > 0;
    return found ? positions.index(0) : 0;
  }

  private String nodeOf(PendingReply reply) {
    Node node = reply.node();
    return node == null ? NO_NODE : node.nameIn(pool);
  }

  // ---------------------------------------------------------------- what stands out

  private void slow(Session session, PendingReply reply, Command command, long nanos) {
    recorder.slowRequests++;
    if (--slowNotedThisSecond < 0) {
      return;
    }
    Times times = times(reply, nanos);
    long queue = times.queueNanos();
    long writeBack = times.writeBackNanos();
    slowLog()
        .add(
            new SlowRequest(
                System.currentTimeMillis(),
                redacted(
                    command,
                    new RequestText(reply.request().bytes(), reply.request().length()).arguments()),
                session.peer(),
                session.name(),
                session.user(),
                command.name().replace('|', ' ').toUpperCase(Locale.ROOT),
                keyOf(reply, command),
                nodeOf(reply),
                TimeUnit.NANOSECONDS.toMicros(queue),
                TimeUnit.NANOSECONDS.toMicros(nanos - queue - writeBack),
                TimeUnit.NANOSECONDS.toMicros(writeBack)));
  }

  /** Passwords are among what CONFIG SET sets. */
  private static List<byte[]> redacted(Command command, List<byte[]> arguments) {
    if (!command.has(Property.SETS_CONFIGURATION)) {
      return arguments;
    }
    List<byte[]> shown = new ArrayList<>(arguments);
    for (int i = 3; i < shown.size(); i++) {
      shown.set(i, REDACTED);
    }
    return shown;
  }

  private void big(PendingReply reply, Command command) {
    byte[] first = keyOf(reply, command);
    String name = command.name();
    if (bigKeys.counts(reply.requestBytes())) {
      bigKeys.add(new BigKey(first, reply.requestBytes(), false, name, nodeOf(reply)));
    }
    if (bigKeys.counts(reply.replyBytes())) {
      bigKeys.add(new BigKey(first, reply.replyBytes(), true, name, nodeOf(reply)));
    }
  }

  // ---------------------------------------------------------------- time

  /** About once a second. */
  public void onSecond(long tickMillis) {
    slowNotedThisSecond = SLOW_A_SECOND_MAX;
    hotKeys.tick(tickMillis);
    bigKeys.tick(tickMillis);
    publishedEachSecondFor = asked ? SECONDS_AFTER_ASKING : Math.max(0, publishedEachSecondFor - 1);
    asked = false;
    if (publishedEachSecondFor > 0 || --untilPublished <= 0) {
      untilPublished = SECONDS_UNASKED;
      publish();
    }
    if (accessLines != null) {
      accessLines.flush();
    }
    rates.onSecond(tickMillis);
  }

  private void publish() {
    List<BigKey> big = bigKeys.top();
    boolean found = !hotKeys.isEmpty() || !big.isEmpty();
    if (found || hadFound) {
      hadFound = found;
      topKeys = new TopKeys(hotKeys.top(), hotKeys.keysPerSecond(), big);
    }
  }

  /** No more comes. */
  public void close() {
    if (accessLines != null) {
      accessLines.flush();
    }
  }
}
