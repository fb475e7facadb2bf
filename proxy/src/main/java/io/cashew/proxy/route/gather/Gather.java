package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.ResponsePolicy;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Redirectable;
import io.cashew.proxy.route.RoutingTable;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one way to wait for the replies of several nodes: a {@link Part} takes each of them, and
 * {@link Merges} makes one reply of all. Confined to a worker; used again when every part is over.
 *
 * <p>The reply is complete or it is an error: if any part fails or is answered with an error, that
 * of the first such part in order is the whole reply. What other parts have done stands.
 *
 * <p>Until all have come, replies are held here, one limit for all of them. They count as held by
 * the receiver of the merged reply ({@link InFlight#onHeld}). If it has no room for more, the node
 * whose reply is being read waits for it, as for a large reply.
 */
public final class Gather implements Exchange.Parts {
  static final NodeFailure NO_MEMORY =
      NodeFailure.of(
          FailureKind.OVERLOADED, "the proxy is short of memory: the reply could not be held");

  private static final int FIRST_KEYS = 64;

  private final Gathers home;
  private Part[] parts = new Part[0];
  private int count;

  /** Parts that are not over, and one more until all were sent. */
  private int missing;

  /** The part of each key, if the request was cut; else there are no keys. */
  private int[] partOfKey = new int[FIRST_KEYS];

  private int keyCount;

  /** Bytes of replies that have come, and how many there may be. */
  private long gathered;

  private long mostGathered;

  /** Bytes of them that are held; the receiver of the merged reply counts them. */
  private long held;

  /** Replies that came whole and are small, one behind the other, as long as there is room. */
  private @Nullable ByteBuf small;

  private ResponsePolicy policy = ResponsePolicy.DEFAULT;
  private @Nullable Merger merger;
  private @Nullable Joiner joiner;
  private List<String> arguments = List.of();
  private boolean writes;

  /** What the whole request was sent to all servers by; null: it was not. */
  private @Nullable RoutingTable sentBy;

  /** What the client has asked for; null: all parts are over. */
  private @Nullable Exchange exchange;

  /** Who gets the merged reply: that exchange, or who asks on its behalf. */
  private @Nullable InFlight reply;

  /** The command of a request that was cut by its keys. */
  private @Nullable Command command;

  Gather(Gathers home) {
    this.home = home;
  }

  // ---------------------------------------------------------------- what is to be gathered

  /**
   * The request is cut by its keys.
   *
   * @return where the caller puts the part of each, a number from 0
   */
  int[] partOfKeys(int keys) {
    keyCount = keys;
    if (keys > partOfKey.length) {
      partOfKey = new int[Integer.highestOneBit(keys) << 1];
    }
    return partOfKey;
  }

  /**
   * Begins to wait, until {@link #allSent}, for parts that are about to be added.
   *
   * @param of takes the merged reply
   * @param how the replies become one
   * @param onlyReads whether a part that fails leaves no doubt about the others
   */
  void begin(Exchange of, ResponsePolicy how, boolean onlyReads) {
    begin(of, of, how, onlyReads);
  }

  /** The same for a merged reply that another takes, on behalf of the exchange. */
  void begin(Exchange of, InFlight replyTo, ResponsePolicy how, boolean onlyReads) {
    assert count == 0 && reply == null;
    exchange = of;
    reply = replyTo;
    policy = how;
    writes = !onlyReads;
    mostGathered = home.maxGathered;
    missing = 1;
  }

  /**
   * Has the replies merged by what they say.
   *
   * @param by makes one of them
   * @param ofRequest the arguments of the request, the command's name included
   */
  void mergedBy(Merger by, List<String> ofRequest) {
    policy = ResponsePolicy.SPECIAL;
    merger = by;
    arguments = ofRequest;
  }

  /** Has the replies, which are not in RESP, made one by this. */
  void joinedBy(Joiner by) {
    joiner = by;
  }

  /**
   * One reply more to wait for. The first to be added whose reply is an error is the first in
   * order, unless parts are given other places.
   *
   * @param from the node that is to be sent the request
   * @return what takes its reply; the request must be sent or fail before {@link #allSent}
   */
  InFlight expect(Backend from) {
    return add(count, from, 0);
  }

  /**
   * Sends a part of the request and waits for its reply.
   *
   * @param bytes of it, a request by itself, which the part owns from now on
   */
  public void send(Backend to, ByteBuf bytes, Lane lane) {
    Part part = add(count, to, 0);
    bytes.retain(); // it may be over, with a failure, before it has been sent
    try {
      part.isAskedBy(bytes);
      to.send(bytes, bytes.readerIndex(), bytes.readableBytes(), part, lane);
    } finally {
      bytes.release();
    }
  }

  /**
   * The same for a part with a place in the order of errors.
   *
   * @param order lower numbers first
   * @param keys how many of the request's keys are in it; 0: it is the whole request
   */
  Part add(int order, Backend from, int keys) {
    if (count == parts.length) {
      parts = Arrays.copyOf(parts, count + 4);
      for (int i = count; i < parts.length; i++) {
        parts[i] = new Part(this);
      }
    }
    Part part = parts[count];
    part.begin(count++, order, from, keys);
    missing++;
    return part;
  }

  /**
   * The parts are for keys: what a server has not executed may go to another, as long as the
   * exchange has kept the request.
   */
  void isCut(Command of) {
    command = of;
    exchange().goesInParts(this);
  }

  /**
   * Each part is the whole request, for all that a server has: what that one has not executed may
   * go to the one that takes its place, as long as the exchange has kept the request.
   *
   * @param by says who has what
   */
  void isWhole(RoutingTable by) {
    sentBy = by;
    exchange().goesInParts(this);
  }

  /** Holds no more bytes of replies than that, if it is less than those of the pool. */
  void holdsAtMost(long bytes) {
    mostGathered = Math.min(mostGathered, bytes);
  }

  /** Every part was sent, or has failed. */
  public void allSent() {
    partOver();
  }

  // ---------------------------------------------------------------- what its parts ask

  /** A part is over: if it was the last, all are merged. */
  void partOver() {
    if (--missing > 0) {
      return;
    }
    InFlight to = reply;
    reply = null;
    assert to != null;
    to.onHeld(-held);
    held = 0;
    if (command != null || sentBy != null) {
      exchange().partsAreOver();
    }
    dropNeedless();
    try {
      if (joiner == null) {
        home.merges.merge(this, to);
      } else {
        joiner.join(this, to);
      }
    } catch (OutOfMemoryError e) { // of buffers; others on the node's connection go on
      to.onFailure(NO_MEMORY);
    } finally {
      reset();
    }
  }

  /** Forgets the parts that count for nothing, but for the last that is left. */
  private void dropNeedless() {
    for (int i = count - 1; i >= 0 && sentBy != null && count > 1; i--) {
      Part part = parts[i];
      if (part.isNeedless()) {
        part.reset();
        parts[i] = parts[--count];
        parts[count] = part;
      }
    }
  }

  /** There is nothing to gather. */
  void giveBack() {
    assert count == 0 && reply == null;
    reset();
  }

  private void reset() {
    exchange = null;
    command = null;
    sentBy = null;
    for (int i = 0; i < count; i++) {
      parts[i].reset();
    }
    count = 0;
    gathered = 0;
    merger = null;
    joiner = null;
    arguments = List.of();
    ByteBuf given = small;
    if (given != null) {
      small = null;
      home.smallBuffers.give(given);
    }
    keyCount = 0;
    if (partOfKey.length > Fragments.MAX_KEPT_KEYS) {
      partOfKey = new int[FIRST_KEYS];
    }
    home.give(this);
  }

  /**
   * What the client has asked for.
   *
   * @throws IllegalStateException if all is over
   */
  Exchange exchange() {
    Exchange of = exchange;
    if (of == null) {
      throw new IllegalStateException("all parts are over");
    }
    return of;
  }

  /** Whether a part may go to another server by itself. */
  boolean mayGoElsewhere() {
    return (command != null || sentBy != null) && exchange().mayGoElsewhere();
  }

  /** What the whole request was sent to all servers by; null: it was not. */
  @Nullable RoutingTable sentBy() {
    return sentBy;
  }

  /** A part as a request, made again from what the exchange has kept; returns owned. */
  ByteBuf bytesOf(int part) {
    ByteBuf whole = exchange().request().whole();
    Command of = command;
    if (of == null) {
      int length = whole.readableBytes();
      return home.allocator.directBuffer(length).writeBytes(whole, whole.readerIndex(), length);
    }
    return Fragments.cutAgain(whole, of, partOfKey, part, home.allocator);
  }

  @Override
  public boolean any(Predicate<Redirectable> is) {
    for (int i = 0; i < count; i++) {
      if (is.test(parts[i])) {
        return true;
      }
    }
    return false;
  }

  /** Who gets the merged reply; null: all is over. */
  @Nullable InFlight reply() {
    return reply;
  }

  /** Bytes of a reply have come. @return why they may not be held; null: they may */
  @Nullable NodeFailure gathers(int length) {
    gathered += length;
    return gathered <= mostGathered
        ? null
        : NodeFailure.of(
            FailureKind.OVERLOADED,
            "reply of several nodes is larger than "
                + mostGathered
                + " bytes: ask for fewer keys at once");
  }

  /** Bytes of replies are held, or, below 0, no longer are. */
  void holds(int length) {
    InFlight receiver = reply;
    if (receiver != null) {
      held += length;
      receiver.onHeld(length);
    }
  }

  /** Where a reply goes that came whole; null: to a buffer of its own. */
  @Nullable ByteBuf roomFor(int length) {
    ByteBuf shared = small;
    if (shared == null) {
      small = shared = home.smallBuffers.take();
    }
    return shared.readableBytes() + length <= Worker.MAX_SMALL_BUFFER ? shared : null;
  }

  /** A buffer of its own for a reply. */
  ByteBuf buffer(int length) {
    return home.allocator.directBuffer(length);
  }

  // ---------------------------------------------------------------- what its replies are merged by

  /** How many parts there are. */
  int count() {
    return count;
  }

  Part part(int index) {
    return parts[index];
  }

  /** How many keys the request has that was cut; 0: all nodes were asked the same. */
  int keyCount() {
    return keyCount;
  }

  /** Whether a key is of a part. */
  boolean isOfPart(int key, int part) {
    return partOfKey[key] == part;
  }

  /** The part of a key. */
  Part partOfKey(int key) {
    return parts[partOfKey[key]];
  }

  ResponsePolicy policy() {
    return policy;
  }

  /** What merges replies by what they say; null: the policy says it all. */
  @Nullable Merger merger() {
    return merger;
  }

  /** Of the request, the command's name included, if there is a {@link #merger}. */
  List<String> arguments() {
    return arguments;
  }

  /** Whether a part that fails leaves in doubt what others have done. */
  boolean writes() {
    return writes;
  }
}
