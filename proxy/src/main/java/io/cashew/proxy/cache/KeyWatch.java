package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request about keys of which something may be kept, whose reply does not come from memory: it
 * ends what is kept of them. A read to which no server says anything ends nothing: while the server
 * is away, what is kept may be all that there is. Confined to the worker; used again when its reply
 * is over.
 */
public final class KeyWatch implements ReplyWatch {
  private final CachePart part;
  private final Stripes stripes = new Stripes();
  private @Nullable Seat seat;
  private long bits;
  private boolean script;
  private Effect effect = Effect.READS;
  private boolean told;
  private @Nullable Node node;

  /** Makes what is given if no server can answer; null: nothing is. */
  private @Nullable Supplier<byte @Nullable []> onError;

  /** What a request may do to the keys that it names. */
  private enum Effect {
    READS,
    WRITES,

    DELETES
  }

  KeyWatch(CachePart part) {
    this.part = part;
  }

  // ---------------------------------------------------------------- before it begins

  /** It is about a key. */
  public void add(int stripe, long bit) {
    stripes.add(stripe);
    bits |= bit;
  }

  /** The same of one whose value may be given although it has ended. */
  void add(KeyBytes key) {
    stripes.add(key);
  }

  /** It is about every key. */
  public void addEveryKey() {
    stripes.addAll();
  }

  /** It is about what a client has queued, which is to be forgotten next. */
  public void addQueued(Seat of) {
    stripes.addAll(of.queued(part.versions()));
    if (of.hasQueuedEveryKey()) {
      stripes.addAll();
    }
    script |= of.hasQueuedScript();
  }

  /** It runs a script, which may write to keys that it does not name. */
  public void isScript() {
    script = true;
  }

  /** If no server can answer, this is given. */
  public void insteadOfError(Supplier<byte @Nullable []> reply) {
    onError = reply;
  }

  /** Whether it is about no key of which something is kept. */
  public boolean isEmpty() {
    return stripes.isEmpty();
  }

  /** It does not begin. */
  public void giveBack() {
    part.give(this);
  }

  /**
   * The request is about to be sent: what is kept of its keys ends with its reply.
   *
   * @param everyKey whether none of the client's requests is answered from memory meanwhile
   * @param writes whether it may change them: then what is kept ends now as well
   */
  public void begin(Seat of, boolean everyKey, boolean writes) {
    seat = of;
    of.begins(everyKey ? Seat.everyKey() : bits);
    if (script) {
      of.scriptBegins();
    }
    effect = writes ? Effect.WRITES : Effect.READS;
    if (writes) {
      part.cache().areWritten(stripes);
    }
  }

  /**
   * The same of a request that deletes its keys, and does nothing else: what was the newest until
   * then may be given later.
   *
   * @param by the connections on which it is about to be sent
   */
  public void deletes(Seat of, Lane by) {
    seat = of;
    of.begins(bits);
    effect = Effect.DELETES;
    stripes.keys().forEach(each -> part.loads().stales().isDeleted(each, by));
    part.cache().end(stripes);
  }

  /** Where the request went, as far as that is one server. */
  public void goesTo(@Nullable Node to) {
    node = to;
  }

  @Override
  public boolean onReply(ByteBuf buf, int index, int length, boolean last) {
    told = true;
    if (last) {
      over();
    }
    return false;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    Supplier<byte @Nullable []> reply = failure == null ? null : onError;
    byte[] instead = reply == null ? null : reply.get();
    told |= failure == null; // for all that is known
    over();
    return instead;
  }

  @Override
  public void onNotSent() {
    over();
  }

  private void over() {
    switch (effect) {
      case READS -> {
        if (told) {
          part.cache().end(stripes);
          stripes.keys().forEach(part.loads().stales()::isTold);
        }
      }
      case WRITES -> part.cache().areWritten(stripes);
      case DELETES -> {
        stripes.keys().forEach(each -> part.loads().stales().isDeleted(each, null));
        part.cache().end(stripes);
        part.loads().stales().deletionHeard(node, stripes.keys());
      }
    }
    Seat of = seat;
    if (of != null) {
      of.over();
      if (script) {
        part.whenHeard(node, of::scriptHeard);
      }
    }
    stripes.clear();
    seat = null;
    node = null;
    onError = null;
    bits = 0;
    script = false;
    effect = Effect.READS;
    told = false;
    part.give(this);
  }
}
