package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way, all hops included: what it asks, since when, where it went, and whether
 * it may be sent again. Confined to the worker; used again when its reply is over.
 */
public abstract class Exchange extends Redirectable {

  private final Returns redirects;
  private final KeptRequest request = new KeptRequest();

  /** The parts in which it was sent; null: it goes whole, or all of them are over. */
  private @Nullable Parts parts;

  /** Where it goes; of several nodes, the last to answer. */
  private @Nullable Node node;

  /** What the client has asked for; null: nothing that is timed. */
  private @Nullable Command command;

  /** Hears that it was not executed; null: nobody does. */
  private @Nullable LeaseRefusal onLease;

  private boolean waitsByIntent;

  /** It only reads, and is sent a second time if its connection ends. */
  private boolean onceMore;

  /** It only reads, if it may go elsewhere. */
  private boolean onlyReads;

  private long arrivedNanos;
  private long requestBytes;

  /** An exchange of a pool, of which {@code redirects} have the requests that wait. */
  protected Exchange(Returns redirects) {
    this.redirects = redirects;
  }

  // ---------------------------------------------------------------- what is above it

  /** The connections that the request takes. */
  protected abstract Lane lane();

  /** The exchange behind this one in the order of its client; null: there is none. */
  protected abstract @Nullable Exchange next();

  /** Those of its client, while it is wanted. */
  protected abstract RequestOrder order();

  /** The request waits to be sent again: its client's next ones must not overtake it. */
  protected abstract void waits();

  /** The parts of a request for several groups of keys. */
  public interface Parts {
    /** Whether something is so of one of them. */
    boolean any(Predicate<Redirectable> is);
  }

  // ---------------------------------------------------------------- its beginning and its end

  /** Nothing is known of where it went. */
  protected final void takePlace() {
    forgetBackend();
    node = null;
    request.clear();
  }

  /**
   * Stands for a request that is timed.
   *
   * @param of its row
   * @param nanos when it arrived, as {@link Worker#nowNanos}
   * @param buf holds the request, or its beginning; borrowed
   * @param start index of its first byte
   * @param bytes of it that are there; they are counted with {@link #moreOfRequest}
   * @param blocks whether it may wait by intent
   */
  public final void begin(
      Command of, long nanos, ByteBuf buf, int start, int bytes, boolean blocks) {
    command = of;
    waitsByIntent = blocks;
    arrivedNanos = nanos;
    requestBytes = 0;
    takePlace();
    notSent();
    request.keep(buf, start, bytes);
  }

  /**
   * So many bytes more of the request have come.
   *
   * @param nanos when the last of it has arrived
   */
  public final void moreOfRequest(int bytes, long nanos) {
    requestBytes += bytes;
    arrivedNanos = nanos;
  }

  /** Forgets the request. */
  protected final void forget() {
    if (isWatched()) {
      request.release();
    }
    onceMore = false;
    parts = null;
    command = null;
    onLease = null;
    forgetDetour();
  }

  // ---------------------------------------------------------------- the request

  /** What the client has asked for; null: nothing that is timed. */
  public final @Nullable Command command() {
    return command;
  }

  /** Whether it may wait by intent. */
  public final boolean waitsByIntent() {
    return waitsByIntent;
  }

  /** When the request arrived, as {@link Worker#nowNanos}. */
  public final long arrivedNanos() {
    return arrivedNanos;
  }

  /** Bytes of the request. */
  public final long requestBytes() {
    return requestBytes;
  }

  /** The beginning of the request. */
  public final KeptRequest request() {
    return request;
  }

  @Override
  protected final boolean runsScript() {
    return command != null && command.runsScript();
  }

  // ---------------------------------------------------------------- where it goes

  /** The node that has answered or was to, of several the last; null: none. */
  public final @Nullable Node node() {
    return node;
  }

  @Override
  public final void goesTo(Node to) {
    node = to;
  }

  @Override
  public final void partOver(Node of) {
    node = of;
  }

  /** It is sent in parts, each of which may go to another server by itself. */
  public final void goesInParts(Parts of) {
    parts = of;
  }

  /** All its parts are over: the merged reply is given as it comes. */
  public final void partsAreOver() {
    parts = null;
    isAnswered();
  }

  /** From the arrival of the request until a connection had it. */
  public final long queueNanos() {
    return sentNanos() == 0 ? 0 : sentNanos() - arrivedNanos;
  }

  // ---------------------------------------------------------------- again

  /** Keeps the request, which only reads, for the case that its connection ends. */
  public final void mayBeSentOnceMore(RequestFrame frame) {
    onceMore = request.keepsBeginning(frame.buf(), frame.start(), frame.length());
  }

  /**
   * Keeps the request for the case that another server takes the place of the one it goes to.
   *
   * @param anyLength whether however long it is
   */
  public final void mayGoElsewhere(RequestFrame frame, boolean reads, boolean anyLength) {
    int length = frame.length();
    if (length <= KeptRequest.MAX_LENGTH || anyLength) {
      request.keepWhole(frame.buf(), frame.start(), length, redirects.allocator());
      onlyReads = reads;
      canGoElsewhere();
    } else {
      cannotGoElsewhere();
    }
  }

  /** Whether it only reads, if it may go to another server. */
  final boolean onlyReads() {
    return onlyReads;
  }

  /** It is not kept: if its server does not have its keys, its client is told why that is so. */
  public final void cannotGoElsewhere() {
    onLease(
        (verdict, to) -> {
          if (verdict != Verdict.MOVED && verdict != Verdict.ASK && verdict != Verdict.TRYAGAIN) {
            return false;
          }
          end(Refusal.tooLarge(verdict, requestBytes));
          return true;
        });
  }

  @Override
  public final void onFailure(NodeFailure failure) {
    Backend from = backend();
    boolean ofReplica = from != null && from.node().isReplica();
    if (!ofReplica && failure.beforeReply() && wanted() && readsOnceMore()) {
      onceMore = false;
      redirects.sendOnceMore(this);
    } else {
      super.onFailure(failure);
    }
  }

  /** Has somebody hear of it if the request, on a connection for itself, was not executed. */
  public final void onLease(LeaseRefusal hook) {
    onLease = hook;
    watch();
  }

  @Override
  final boolean isGivenBack(ByteBuf buf, int index, int length) {
    LeaseRefusal holder = onLease;
    if (holder == null || length == 0) {
      return false;
    }
    boolean back =
        buf.getByte(index) == '-'
            && wanted()
            && redirects.givesBack(this, holder, buf, index, length);
    if (!back) {
      onLease = null; // behind a reply's first bytes come those of a value, whatever they are
    }
    return back;
  }

  /** Whether it is sent once more, or each of its parts, if the connection ends. */
  final boolean readsOnceMore() {
    return onceMore && onlyReadsFollow();
  }

  /** Sent behind a write that may have been executed, it would read what was written after it. */
  private boolean onlyReadsFollow() {
    for (Exchange each = next(); each != null; each = each.next()) {
      if (!each.onceMore) {
        return false;
      }
    }
    return true;
  }

  /** Has somebody hear what servers say, before the client does; once for a request. */
  public abstract void watchedBy(ReplyWatch watch);

  /** What is given for single keys in a reply that has an element for each; null: nothing. */
  public @Nullable Substitutes substitutes() {
    return null;
  }

  /** Is not sent: it has the reply of another request of its bytes, which waits for a server. */
  public final void goesWith(Exchange other) {
    Backend at = other.backend();
    if (at != null) {
      isAskedAt(at);
    }
  }

  /** Is not sent: its reply is made of what the proxy itself asks for there. */
  public void isAskedAt(Backend at) {
    sentTo(at);
    goesTo(at.node());
  }

  /** Is sent after all, once it {@linkplain #goesWith went with} another that is of no use. */
  public final void goesAlone() {
    if (wanted()) {
      redirects.sendOnceMore(this);
    } else {
      answered(Unpooled.EMPTY_BUFFER, 0, 0, true);
    }
  }

  @Override
  protected final Exchange exchange() {
    return this;
  }

  /** Whether something is so of it, or of one of the parts in which it was sent. */
  final boolean anyPart(Predicate<Redirectable> is) {
    Parts in = parts;
    return in == null ? is.test(this) : in.any(is);
  }

  @Override
  protected final boolean hasManyKeys() {
    Command of = command;
    return of == null || !of.hasOneKey();
  }

  /** The requests of its pool that wait to be sent again. */
  final Returns redirects() {
    return redirects;
  }

  @Override
  protected final void isAnswered() {
    super.isAnswered();
    onceMore = false;
  }

  @Override
  protected final ByteBuf bytes() {
    return request.whole();
  }

  /** Whether its client has sent others behind it that are in flight at a backend. */
  final boolean othersFollowAt(@Nullable Backend at) {
    for (Exchange each = next(); each != null; each = each.next()) {
      if (each.anyPart(part -> part.backend() == at && part.isInFlight())) {
        return true;
      }
    }
    return false;
  }
}
