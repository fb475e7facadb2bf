package io.cashew.proxy.client.transaction;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.route.RequestKeys;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a transaction, or of keys that are watched for one, when a server does not
 * execute a request of it: the keys are elsewhere, or the server is no primary. Confined to the
 * worker.
 *
 * <p>The first request that names a key may begin anew at the server to which it is sent, since
 * nothing of the transaction is anywhere else; what comes behind it waits for its reply. After that
 * nobody repeats anything: the transaction ends with {@code EXECABORT}, or with the nil of a
 * changed key if keys are watched, and nothing of it has been executed.
 *
 * <p>Keys that no server watches, since the one that was asked is loading or its Cluster is down,
 * are taken to have changed: their client need not wait for that, as what it reads next does.
 */
final class KeysElsewhere {
  private static final byte[] QUEUED = Replies.simple("QUEUED");
  private static final byte[] NO_KEY_CHANGED = Replies.bytes("*-1\r\n");
  private static final int MAX_HOPS = 5;
  private static final int NO_GROUP = -1;

  /** The transaction. */
  interface Of {
    /**
     * Begins anew at another server; if it gives no connection, its failure is the reply.
     *
     * @param before what was queued before a key was named; takes ownership
     * @param requests how many
     * @return whether it does
     */
    boolean beginsAt(Backend to, @Nullable ByteBuf before, int requests, PendingReply slot);

    /** Sends a request behind what was sent. */
    void send(byte[] request, PendingReply slot);

    /** What is watched is not any more: EXEC does nothing. */
    void losesWatch();

    /** EXEC fails, and says why. */
    void isDoomed(String why);

    /** The server remembers nothing more. */
    void end();
  }

  private final Client client;
  private final Of transaction;
  private final RequestKeys keys = new RequestKeys();
  private int group = NO_GROUP;

  /** The slot is on its way to the server of the transaction. */
  private boolean asks;

  private boolean watches;

  /** A request of it was not executed. */
  private boolean refused;

  KeysElsewhere(Client client, Of transaction) {
    this.client = client;
    this.transaction = transaction;
  }

  /** The next transaction has none of this. */
  void forget() {
    group = NO_GROUP;
    asks = false;
    watches = false;
    refused = false;
  }

  private boolean slotsMove() {
    return client.pool().router().table().slotsMove();
  }

  private boolean mayBeElsewhere() {
    return client.pool().serversMayChange();
  }

  /** Whether what is sent next outside of {@code MULTI}, and {@code MULTI}, is to ask. */
  boolean asks() {
    return asks;
  }

  /** Whether a request has keys of another slot than those before it. */
  boolean isOfOtherSlot(RequestFrame frame, Command command) {
    return keys.read(frame, command, client.pool().router().placement())
        && group != NO_GROUP
        && keys.group() != group;
  }

  private void noteGroup(RequestFrame frame, Command command) {
    if (group == NO_GROUP
        && slotsMove()
        && keys.read(frame, command, client.pool().router().placement())) {
      group = keys.group();
    }
  }

  // ---------------------------------------------------------------- the requests

  /** A {@code WATCH} is about to be sent. */
  void watch(PendingReply slot, RequestFrame frame, Command command) {
    assert client.pool().worker().inThread();
    boolean first = !watches;
    watches = true;
    if (!mayBeElsewhere()) {
      return;
    }
    noteGroup(frame, command);
    boolean mayBegin = first && slotsMove();
    byte[] request = mayBegin ? bytes(frame) : PendingReply.NOTHING;
    int[] hops = {0};
    slot.onLease(
        (verdict, to) -> {
          if (!verdict.notExecuted()) {
            return false;
          }
          if (!mayBegin || !isOfSlot(verdict) || to == null || ++hops[0] > MAX_HOPS) {
            transaction.losesWatch();
            slot.give(Answers.OK);
          } else if (begins(to, verdict, null, 0, slot)) {
            transaction.send(request, slot);
          }
          return true;
        });
  }

  /**
   * A request is about to be queued.
   *
   * @param first whether it is the first of which a server hears
   * @param before what was queued before a key was named, which it hears of as well; borrowed
   * @param requests how many
   */
  void queue(
      PendingReply slot,
      RequestFrame frame,
      Command command,
      boolean first,
      @Nullable ByteBuf before,
      int requests) {
    assert client.pool().worker().inThread();
    if (!mayBeElsewhere()) {
      return;
    }
    noteGroup(frame, command);
    boolean mayBegin = first && slotsMove();
    byte[] request = mayBegin ? bytes(frame) : PendingReply.NOTHING;
    byte[] heldBefore =
        mayBegin && before != null ? ByteBufUtil.getBytes(before) : PendingReply.NOTHING;
    int[] hops = {0};
    slot.onLease(
        (verdict, to) -> {
          if (!verdict.notExecuted()) {
            return false;
          }
          if (mayBegin && to != null && ++hops[0] <= MAX_HOPS) {
            ByteBuf again = requests == 0 ? null : copy(heldBefore);
            if (begins(to, verdict, again, requests, slot)) {
              transaction.send(request, slot);
            }
            return true;
          }
          refused = true;
          if (watches) {
            transaction.losesWatch();
          } else {
            transaction.isDoomed(verdict.help() + " (" + verdict + ")");
          }
          slot.give(QUEUED);
          return true;
        });
    if (mayBegin) {
      client.waitForReplies();
    }
  }

  /** {@code EXEC} is about to be sent. */
  void exec(PendingReply slot) {
    assert client.pool().worker().inThread();
    if (!mayBeElsewhere()) {
      return;
    }
    boolean watched = watches;
    slot.onLease(
        (verdict, to) -> {
          boolean aborted = refused && watched;
          if (!verdict.notExecuted() && !aborted) {
            return false;
          }
          transaction.end();
          if (watched) {
            slot.give(client.session().resp3() ? Answers.NULL : NO_KEY_CHANGED);
          } else {
            slot.give(
                Replies.error(
                    "EXECABORT Transaction discarded because of: "
                        + verdict.help()
                        + " ("
                        + verdict
                        + ")"));
          }
          return true;
        });
  }

  private static boolean isOfSlot(Verdict verdict) {
    return verdict == Verdict.MOVED || verdict == Verdict.ASK || verdict == Verdict.TRYAGAIN;
  }

  private boolean begins(
      Backend to, Verdict verdict, @Nullable ByteBuf before, int requests, PendingReply slot) {
    asks = verdict == Verdict.ASK;
    return transaction.beginsAt(to, before, requests, slot);
  }

  private ByteBuf copy(byte[] bytes) {
    return client.pool().worker().allocator().directBuffer(bytes.length).writeBytes(bytes);
  }

  private static byte[] bytes(RequestFrame frame) {
    return ByteBufUtil.getBytes(frame.buf(), frame.start(), frame.length());
  }
}
