package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way, all hops included: what it asks, since when, where it went, and whether
 * it may be sent again. Confined to the worker; used again when its reply is over.
 *
 * <p>A reply that ends the exchange goes up to {@link #answered}, a failure to {@link #failed}.
 */
public abstract class Exchange extends InFlight {

  private final Redirects redirects;
  private final KeptRequest request = new KeptRequest();

  /** Where it may be sent once more. */
  private @Nullable Backend backend;

  /** Where it goes; of several nodes, the last to answer. */
  private @Nullable Node node;

  /** What the client has asked for; null: nothing that is timed. */
  private @Nullable Command command;

  private boolean waitsByIntent;
  private long arrivedNanos;
  private long requestBytes;

  /** Since a server has not executed the request; null: none has refused it. */
  private @Nullable Detour detour;

  /** An exchange of a pool, of which {@code redirects} have the requests that wait. */
  protected Exchange(Redirects redirects) {
    this.redirects = redirects;
  }

  // ---------------------------------------------------------------- what is above it

  /** Takes a piece of the reply, as {@link InFlight#onReply} describes it. */
  protected abstract void answered(ByteBuf buf, int index, int length, boolean last);

  /** There will be no reply, or no more of it. */
  protected abstract void failed(NodeFailure failure);

  /** The connections that the request takes. */
  protected abstract Lane lane();

  /** The exchange behind this one in the order of its client; null: there is none. */
  protected abstract @Nullable Exchange next();

  /** What all exchanges of its client, and no others, have in common, while it is wanted. */
  protected abstract Object order();

  /** The request waits to be sent again: its client's next ones must not overtake it. */
  protected abstract void waits();

  // ---------------------------------------------------------------- its beginning and its end

  /** Nothing is known of where it went. */
  protected final void takePlace() {
    backend = null;
    node = null;
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
    request.forget();
    command = null;
    detour = null;
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

  /** Where it went last as a whole; null: to no node, or to several. */
  final @Nullable Backend backend() {
    return backend;
  }

  /** It is about to be sent there, whole. */
  final void sentTo(Backend to) {
    backend = to;
  }

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

  /** From the arrival of the request until a connection had it. */
  public final long queueNanos() {
    return sentNanos() == 0 ? 0 : sentNanos() - arrivedNanos;
  }

  // ---------------------------------------------------------------- again

  /** Keeps the request, which only reads, for the case that its connection ends. */
  public final void mayBeSentOnceMore(RequestFrame frame) {
    request.maySendOnceMore(frame.buf(), frame.start(), frame.length());
  }

  /** Keeps the request for the case that another server takes the place of the one it goes to. */
  public final void mayGoElsewhere(RequestFrame frame, boolean onlyReads) {
    request.mayGoElsewhere(
        frame.buf(), frame.start(), frame.length(), onlyReads, redirects.allocator());
  }

  @Override
  public final void onReply(ByteBuf buf, int index, int length, boolean last) {
    if (request.mayGoElsewhere() && comesBack(buf, index, length)) {
      if (last) {
        redirects.wait(this);
      }
    } else {
      answered(buf, index, length, last);
    }
  }

  /** Whether these bytes of a reply are not given up, since the request is to be sent again. */
  private boolean comesBack(ByteBuf buf, int index, int length) {
    Detour of = detour;
    if (of != null && of.dropsReply()) {
      return wanted(); // of a client that has left nothing is sent again
    }
    boolean again = redirects.takesReply(this, buf, index, length);
    if (!again) {
      request.isAnswered();
    }
    return again;
  }

  @Override
  public final void onFailure(NodeFailure failure) {
    if (request.maySendOnceMore() && failure.beforeReply() && wanted() && onlyReadsFollow()) {
      request.isSentOnceMore();
      redirects.sendOnceMore(this);
    } else if (request.mayGoElsewhere() && comesBack(failure)) {
      redirects.wait(this);
    } else {
      failed(failure);
    }
  }

  private boolean comesBack(NodeFailure failure) {
    boolean answerIsDropped = detour != null && detour.dropsReply() && wanted();
    return answerIsDropped || redirects.takesFailure(this, failure);
  }

  /** Sent behind a write that may have been executed, it would read what was written after it. */
  private boolean onlyReadsFollow() {
    for (Exchange each = next(); each != null; each = each.next()) {
      if (!each.request.maySendOnceMore()) {
        return false;
      }
    }
    return true;
  }

  /** Since a server has not executed the request; null: none has refused it. */
  final @Nullable Detour detour() {
    return detour;
  }

  final void detour(Detour newDetour) {
    detour = newDetour;
  }

  /** Sends the whole request to a backend. */
  final void sendTo(Backend to) {
    backend = to;
    ByteBuf whole = request.whole();
    to.send(whole, whole.readerIndex(), whole.readableBytes(), this, lane());
  }

  /** Whether the client has sent others behind it to the same backend that are in flight there. */
  final boolean othersFollowAtItsBackend() {
    for (Exchange each = next(); each != null; each = each.next()) {
      if (each.backend == backend && each.isInFlight()) {
        return true;
      }
    }
    return false;
  }
}
