package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way to one server and may have to go to another: an {@link Exchange}, or the part
 * of one for some of its keys. Confined to the worker.
 *
 * <p>A reply that is the client's goes up to {@link #answered}, a failure to {@link #failed}.
 */
public abstract class Redirectable extends InFlight {

  /** Where it went last; null: to no server yet, or to several. */
  private @Nullable Backend backend;

  /** Begun since a server has not executed it; null: none ever has refused it. */
  private @Nullable Detour detour;

  /** Of its bytes, once somebody has asked; null: nobody has, ever. */
  private @Nullable RequestKeys keys;

  private boolean keysAreRead;
  private boolean keysAreKnown;

  /** It may go to another server when one has not executed it: its bytes were kept. */
  private boolean elsewhere;

  /** Somebody beside its client may care for what comes back. If not, nothing more is looked at. */
  private boolean watched;

  // ---------------------------------------------------------------- what is above it

  /** The exchange that it is, or is a part of. */
  protected abstract Exchange exchange();

  /** Takes a piece of the reply, as {@link InFlight#onReply} describes it. */
  protected abstract void answered(ByteBuf buf, int index, int length, boolean last);

  /** There will be no reply, or no more of it. */
  protected abstract void failed(NodeFailure failure);

  /**
   * Whether the beginning of a reply is an error that is not the client's, since somebody else
   * takes care of the request.
   */
  boolean isGivenBack(ByteBuf buf, int index, int length) {
    return false;
  }

  // ---------------------------------------------------------------- what is sent again

  /** Whether it may go to another server when one has not executed it: its bytes were kept. */
  public final boolean mayGoElsewhere() {
    return elsewhere;
  }

  /** Its bytes were kept: it may go to another server when one has not executed it. */
  protected final void canGoElsewhere() {
    elsewhere = true;
    watched = true;
  }

  /** A part of its reply has been given: it is not sent again. */
  protected void isAnswered() {
    elsewhere = false;
  }

  /** What comes back may be for somebody else than its client. */
  final void watch() {
    watched = true;
  }

  /** Whether that is so, or was. */
  final boolean isWatched() {
    return watched;
  }

  /** All its bytes, if it may be sent again; borrowed. */
  protected abstract ByteBuf bytes();

  /** Whether it may be for several keys, as far as that is known without its bytes. */
  protected abstract boolean hasManyKeys();

  // ---------------------------------------------------------------- where it goes

  /** Where it goes now that was sent before; null: nobody needs to execute it any more. */
  protected @Nullable Backend place(RequestHome home) {
    return home.backendOf(bytes(), exchange().lane());
  }

  /** The same, if a server has not answered it; null as well: nobody may answer it. */
  protected @Nullable Backend placeInsteadOf(Backend from, RequestHome home) {
    Exchange of = exchange();
    return of.lane().reading() != null && of.onlyReads()
        ? home.readerInsteadOf(from, bytes(), of.lane())
        : place(home);
  }

  /** Whether the server that was the last to refuse it has said that it is a replica. */
  protected final boolean isAtReplica() {
    Detour of = detour;
    return of != null && of.isAtReplica();
  }

  /** Whether it may be sent there: not if that server has had the same already. */
  protected boolean mayGoTo(Backend to) {
    return true;
  }

  /** Where it went last; null: to no server yet, or to several. */
  protected final @Nullable Backend backend() {
    return backend;
  }

  /** Whether it went there last. */
  public final boolean isAt(Backend server) {
    return backend == server;
  }

  /** It is about to be sent there. */
  protected final void sentTo(Backend to) {
    backend = to;
  }

  /**
   * Sends it, from its kept bytes.
   *
   * @param asking whether the server is to take it though its slot is still on the way there
   */
  final void sendTo(Backend to, boolean asking) {
    backend = to;
    ByteBuf bytes = bytes();
    if (asking) {
      to.sendAsking(bytes, bytes.readerIndex(), bytes.readableBytes(), this, exchange().lane());
    } else {
      to.send(bytes, bytes.readerIndex(), bytes.readableBytes(), this, exchange().lane());
    }
  }

  /** Whether it waits for a reply, or to be sent again. */
  final boolean isUnderWay() {
    return isInFlight() || isWaiting();
  }

  /** Whether it waits to be sent again. */
  final boolean isWaiting() {
    Detour of = detour;
    return of != null && of.waits();
  }

  /** Whether a server has not executed it, and no other has since. */
  final boolean isOnDetour() {
    Detour of = detour;
    return of != null && of.isBegun();
  }

  /** How often it was sent again, since a server has not executed it. */
  public final int hops() {
    Detour of = detour;
    return of == null || !of.isBegun() ? 0 : of.sends();
  }

  /** Its group and keys; null: they are in several groups, or nobody knows. */
  final @Nullable RequestKeys keys() {
    if (!keysAreRead) {
      keysAreRead = true;
      watched = true;
      RequestKeys read = keys;
      if (read == null) {
        keys = read = new RequestKeys();
      }
      keysAreKnown = elsewhere && exchange().redirects().keysOf(bytes(), exchange().lane(), read);
    }
    return keysAreKnown ? keys : null;
  }

  /** Nothing is known of where it went. */
  protected final void forgetBackend() {
    backend = null;
  }

  /** Nobody has refused it, nobody cares for what comes back, and its bytes are others. */
  protected final void forgetDetour() {
    if (watched) {
      watched = false;
      elsewhere = false;
      keysAreRead = false;
      Detour of = detour;
      if (of != null) {
        of.end();
      }
    }
  }

  /** No server has executed it, and it is not sent again. */
  final void end(Refusal why) {
    if (why instanceof Refusal.Said said) {
      answered(Unpooled.wrappedBuffer(said.error()), 0, said.error().length, true);
    } else if (why instanceof Refusal.Unsent unsent) {
      failed(unsent.failure());
    }
  }

  // ---------------------------------------------------------------- what comes back

  @Override
  public final void onReply(ByteBuf buf, int index, int length, boolean last) {
    if (watched) {
      onWatchedReply(buf, index, length, last);
    } else {
      answered(buf, index, length, last);
    }
  }

  private void onWatchedReply(ByteBuf buf, int index, int length, boolean last) {
    if (elsewhere && comesBack(buf, index, length)) {
      if (last) {
        exchange().redirects().wait(this);
      }
    } else if (isGivenBack(buf, index, length)) {
      return; // nothing was executed: who has sent it goes on
    } else if (last && isOnDetour()) {
      Returns redirects = exchange().redirects();
      answered(buf, index, length, true);
      redirects.oneIsOver();
    } else {
      answered(buf, index, length, last);
    }
  }

  /** Whether these bytes of a reply are not given up, since the request is to be sent again. */
  private boolean comesBack(ByteBuf buf, int index, int length) {
    if (isWaiting()) {
      return wanted(); // of a client that has left nothing is sent again
    }
    boolean again = exchange().redirects().takesReply(this, buf, index, length);
    if (!again) {
      isAnswered();
    }
    return again;
  }

  @Override
  public void onFailure(NodeFailure failure) {
    if (elsewhere && comesBack(failure)) {
      exchange().redirects().wait(this);
    } else {
      Returns redirects = exchange().redirects();
      boolean wasOnDetour = isOnDetour();
      failed(failure);
      if (wasOnDetour) {
        redirects.oneIsOver();
      }
    }
  }

  private boolean comesBack(NodeFailure failure) {
    return (isWaiting() && wanted()) || exchange().redirects().takesFailure(this, failure);
  }

  /** What it goes through; it has begun only if a server has not executed it. */
  final Detour detour() {
    Detour of = detour;
    watched = true;
    if (of == null) {
      detour = of = new Detour();
    }
    return of;
  }
}
