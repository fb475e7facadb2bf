package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Lease;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Mode;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.Written;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongBinaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code WAIT} and {@code WAITAOF}: how many replicas have what this client has written, the least
 * number of the nodes that it has written to. Confined to the worker.
 *
 * <p>A node counts the replicas that have what was written on the connection that asks. From Redis
 * 7.2 on, and in Valkey, that is the last command of the connection which went to the replicas; up
 * to 7.0 it is all that the node had written when the connection's last command was over. A client
 * here has no connection of its own, so each node is asked twice:
 *
 * <ol>
 *   <li>On the shared connection that has carried the client's writes, with no replica wanted, so
 *       that the node answers at once. It counts the replicas that have the last write of any
 *       client on that connection: at least this client's.
 *   <li>If these are too few, on a leased connection, where nobody else has to wait. An empty
 *       message to a shard channel that nobody listens to comes first: it changes nothing, goes to
 *       the replicas, and is behind everything that the client has written and had answers to. When
 *       that wait is over the first question is put once more, and the larger number counts.
 * </ol>
 *
 * <p>Both may count too few, if others have written meanwhile, and never too many: what a count
 * includes could only be told from the offset of each write, which no reply carries. If the client
 * has written over other connections as well, or the shared one is not the one that it had, only
 * the second question is asked. A client that has written nothing has nothing to wait for: it asks
 * on a new connection, on which nobody has written.
 */
final class BlockedOnReplicas implements Mode {
  private static final byte[] PING = Replies.bytes("*1\r\n$4\r\nPING\r\n");

  /** Between two questions to a node that has not taken the first, and how long at least. */
  private static final long PAUSE_MILLIS = 50;

  private static final long LEAST_PATIENCE_MILLIS = 1000;

  private static final byte[] HAVE_REPLICAS =
      Replies.bytes("*3\r\n$4\r\nWAIT\r\n$1\r\n0\r\n$1\r\n0\r\n");

  private static final byte[] HAVE_FILES =
      Replies.bytes("*4\r\n$7\r\nWAITAOF\r\n$1\r\n0\r\n$1\r\n0\r\n$1\r\n0\r\n");

  /** What every command here takes; others may be wrong, which nodes say in their own words. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  private static final String UNBLOCKED = "-UNBLOCKED client unblocked via CLIENT UNBLOCK";

  private final PendingReply slot;
  private final Client client;
  private final Lane lane;
  private final Written written;
  private final long connectedTickMillis;
  private final byte[] request;
  private final long patienceMillis;
  private final int mostText;

  /** What the client wants: replicas, or, of {@code WAITAOF}, files here and replicas. */
  private final long[] wanted;

  /** Whether the shared connection is asked first; not if the node may find the request wrong. */
  private final boolean asksAtOnce;

  private final byte[] question;
  private final List<Part> parts = new ArrayList<>();
  private int unanswered;
  private long @Nullable [] least;
  private @Nullable String error;
  private @Nullable NodeFailure failure;
  private boolean ended;

  /** Is to wait in {@code slot}. */
  BlockedOnReplicas(PendingReply slot, Client client, RequestFrame frame, Command command) {
    this.slot = slot;
    this.client = client;
    lane = client.lane();
    written = client.written();
    connectedTickMillis = client.connectedTickMillis();
    request = ByteBufUtil.getBytes(frame.buf(), frame.start(), frame.length());
    patienceMillis = command.blocksFor(frame).in(frame);
    mostText = client.pool().settings().gatheredRequestBytes();
    int numbers = frame.argc() - 2; // but for the name and the time-out
    question = numbers == 1 ? HAVE_REPLICAS : HAVE_FILES;
    wanted = new long[numbers];
    boolean allNumbers = true;
    for (int i = 0; i <= numbers; i++) {
      String text = Arguments.argument(frame, i + 1);
      boolean isNumber = NUMBER.matcher(text).matches();
      allNumbers &= isNumber;
      if (isNumber && i < numbers) {
        wanted[i] = Long.parseLong(text);
      }
    }
    // WAITAOF for a file here is an error where there is none: the leased connection tells.
    asksAtOnce = allNumbers && (numbers == 1 || wanted[0] == 0);
    slot.whenOver(type -> end());
  }

  /** Begins to wait. */
  void on(List<Backend> backends) {
    unanswered = backends.size();
    for (Backend backend : backends) {
      parts.add(new Part(backend));
    }
    List.copyOf(parts).forEach(Part::begin);
  }

  @Override
  public boolean isBlocked() {
    return true;
  }

  @Override
  public void unblock(boolean withError, Consumer<Boolean> done) {
    assert client.pool().worker().inThread();
    for (int i = 1; i < parts.size(); i++) {
      parts.get(i).unblock(withError, unblocked -> {});
    }
    parts.get(0).unblock(withError, done);
  }

  @Override
  public boolean waitsInVain() {
    return parts.stream().anyMatch(part -> part.backend.retired());
  }

  @Override
  public void abandon() {
    assert client.pool().worker().inThread();
    ended = true;
    parts.forEach(Part::leave);
  }

  private void end() {
    if (!ended) {
      ended = true;
      parts.forEach(Part::giveBack);
    }
    client.leave(this);
  }

  private void nodeAnswered() {
    if (--unanswered > 0) {
      return;
    }
    if (failure != null) {
      slot.onFailure(failure); // which ends it
    } else {
      end();
      String reply = error == null ? reply() : error + "\r\n";
      slot.give(reply.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** An integer, or an array of integers, as each node said. */
  private String reply() {
    StringBuilder reply = new StringBuilder();
    long[] numbers = least == null ? new long[1] : least;
    if (numbers.length > 1) {
      reply.append('*').append(numbers.length).append("\r\n");
    }
    for (long number : numbers) {
      reply.append(':').append(number).append("\r\n");
    }
    return reply.toString();
  }

  /** The numbers of a node's reply; null if it is an error. */
  static long @Nullable [] numbers(String reply) {
    return reply.startsWith("-")
        ? null
        : Arrays.stream(reply.split("\r\n"))
            .filter(line -> line.startsWith(":"))
            .mapToLong(line -> Long.parseLong(line.substring(1)))
            .toArray();
  }

  /** Takes the larger number of each. */
  static long[] most(long[] some, long @Nullable [] others) {
    return merge(some, others, Math::max);
  }

  /** Takes the smaller number of each. */
  static long[] least(long[] some, long @Nullable [] others) {
    return merge(some, others, Math::min);
  }

  private static long[] merge(long[] some, long @Nullable [] others, LongBinaryOperator of) {
    if (others == null || others.length != some.length) {
      return some;
    }
    long[] merged = new long[some.length];
    Arrays.setAll(merged, i -> of.applyAsLong(some[i], others[i]));
    return merged;
  }

  private boolean enough(long[] numbers) {
    if (numbers.length != wanted.length) {
      return false;
    }
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] < wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** What one node says. */
  private final class Part extends InFlight {
    private final Backend backend;
    private final StringBuilder text = new StringBuilder();
    private @Nullable Lease lease;
    private boolean askedToEnd;
    private boolean endsWithError;
    private boolean answered;

    /** The node has not taken the question at hand: nothing that comes of it counts. */
    private boolean asksAgain;

    private final long beganNanos = client.pool().worker().nowNanos();

    Part(Backend backend) {
      this.backend = backend;
    }

    void begin() {
      if (written == Written.ON_ITS_LANE && asksAtOnce && laneHasAllWrites()) {
        askShared(this::answeredAtOnce, this::askLeased);
      } else {
        askLeased();
      }
    }

    /** Whether the shared connection has carried all that the client has sent to this node. */
    private boolean laneHasAllWrites() {
      return backend.hasBeenConnectedSince(lane, connectedTickMillis);
    }

    private void askShared(Consumer<String> reply, Runnable failed) {
      backend.ask(lane, question, reply, failure -> failed.run());
    }

    private void answeredAtOnce(String reply) {
      long[] numbers = numbers(reply);
      if (ended) {
        return;
      }
      if (askedToEnd && endsWithError) {
        error(UNBLOCKED);
      } else if (numbers != null && (askedToEnd || enough(numbers))) {
        count(numbers);
      } else {
        askLeased();
      }
    }

    private void askLeased() {
      if (ended) {
        return;
      }
      Lease leased = written == Written.NOTHING ? backend.leaseNew(lane) : backend.lease(lane);
      if (leased == null) {
        onFailure(backend.leaseFailure());
        return;
      }
      lease = leased;
      leased.patience(patienceMillis);
      if (written != Written.NOTHING) {
        WaitMark mark = WaitMark.of(client.pool().router().table(), backend);
        leased.send(PING, pong -> {});
        if (mark != null) {
          leased.send(mark.request(), reply -> marked(mark, reply));
        }
      }
      ByteBuf bytes = Unpooled.wrappedBuffer(request);
      leased.send(bytes, 0, request.length, this);
    }

    /** Up to Redis 6.2 there are no shard channels, and PING does what the message would. */
    private void marked(WaitMark mark, String reply) {
      if (mayAskAgain(reply)) {
        asksAgain = true;
        leave();
      } else if (reply.startsWith("-") && !reply.startsWith("-ERR unknown command")) {
        error(
            "-ERR node '"
                + backend.node().name()
                + "' cannot be asked which replicas have what was written: it refuses SPUBLISH to"
                + " channel '"
                + mark.channel()
                + "' ("
                + reply.substring(1)
                + "); allow it to the user that this proxy is there");
        leave();
      }
    }

    /**
     * Whether the node is asked again: it has not taken a question, since it loads its data or has
     * no primary, or the slot of the mark has just gone.
     */
    private boolean mayAskAgain(String reply) {
      byte[] line = reply.getBytes(StandardCharsets.ISO_8859_1);
      ByteBuf bytes = Unpooled.wrappedBuffer(line);
      Verdict said = reply.startsWith("-") ? Verdict.of(bytes, 0, line.length) : Verdict.ANSWER;
      if (!said.notExecuted() || backend.retired() || answered || ended) {
        return false;
      }
      long waitMillis = backend.node().failoverWaitMillis();
      boolean isOfSlot = said == Verdict.MOVED;
      backend.node().refuses(said);
      long mostMillis = isOfSlot ? Math.max(waitMillis, LEAST_PATIENCE_MILLIS) : waitMillis;
      return client.pool().worker().nowNanos() - beganNanos
          < TimeUnit.MILLISECONDS.toNanos(mostMillis);
    }

    private void askAgain() {
      asksAgain = false;
      text.setLength(0);
      giveBack();
      lease = null;
      var unused =
          client
              .pool()
              .worker()
              .eventLoop()
              .schedule(this::askLeased, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      int taken = Math.min(length, mostText - text.length());
      text.append(buf.toString(index, taken, StandardCharsets.ISO_8859_1));
      if (last) {
        // A node's words are its client's to the byte: Redis ends some with a blank.
        String whole = text.toString().replaceFirst("\r\n$", "");
        if (asksAgain || mayAskAgain(whole)) {
          askAgain();
        } else {
          answered(whole);
        }
      }
    }

    private void answered(String whole) {
      long[] numbers = numbers(whole);
      if (numbers == null) {
        error(whole);
      } else if (written != Written.ON_ITS_LANE || enough(numbers) || !laneHasAllWrites()) {
        count(numbers);
      } else {
        askShared(reply -> count(most(numbers, numbers(reply))), () -> count(numbers));
      }
    }

    private void count(long[] numbers) {
      if (isFirst()) {
        least = least(numbers, least);
        nodeAnswered();
      }
    }

    private void error(String text) {
      if (isFirst()) {
        error = error == null ? text : error;
        nodeAnswered();
      }
    }

    @Override
    public void onFailure(NodeFailure cause) {
      if (asksAgain) {
        askAgain();
      } else if (isFirst()) {
        failure = failure == null ? cause : failure;
        nodeAnswered();
      }
    }

    /** Whether this is the answer: there may be another end when it is known. */
    private boolean isFirst() {
      boolean first = !answered && !ended;
      answered = true;
      return first;
    }

    /** Never stalls: the reply is held whole. */
    @Override
    public void onStallTimeout() {}

    void unblock(boolean withError, Consumer<Boolean> done) {
      Lease waiting = lease;
      if (waiting == null) {
        askedToEnd = true;
        endsWithError = withError;
        done.accept(true);
      } else {
        waiting.unblock(withError, done);
      }
    }

    void giveBack() {
      Lease waiting = lease;
      if (waiting != null) {
        waiting.giveBack();
      }
    }

    void leave() {
      Lease waiting = lease;
      if (waiting != null) {
        waiting.close();
      }
    }
  }
}
