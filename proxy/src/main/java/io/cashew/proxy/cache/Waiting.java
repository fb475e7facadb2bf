package io.cashew.proxy.cache;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.resp.Replies;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one worker's clients that wait until others have loaded their keys. Confined to
 * the worker, but for {@link #lookAgain}.
 *
 * <p>Whatever is heard of a key, nobody knows what became of it: so the proxy asks its server, once
 * for all that wait. A value is theirs, and a hash is read for all of them together; if there is
 * still no such key, they wait on, and if nobody loads it any more, the first of them does.
 */
final class Waiting implements Leases.Room {
  private static final byte[] GET = Replies.bytes("*2\r\n$3\r\nGET\r\n");
  private static final byte[] EXISTS = Replies.bytes("*2\r\n$6\r\nEXISTS\r\n");

  private static final byte[] NIL = Replies.bytes("$-1\r\n");
  private static final byte[] NO_KEY = Replies.bytes(":0\r\n");

  private final Worker worker;
  private final Questions questions;
  private final RuleRecorder[] recorders;
  private final Leases leases;
  private final Versions versions;
  private final int replyBytesMax;
  private final Map<KeyBytes, Queue> queues = new HashMap<>();

  /**
   * Nobody waits yet.
   *
   * @param recorders by the index of their rule
   */
  Waiting(Questions questions, NearCache cache, RuleRecorder[] recorders) {
    this.questions = questions;
    worker = questions.worker();
    this.recorders = recorders;
    leases = cache.leases();
    versions = cache.versions();
    replyBytesMax = cache.replyBytesMax();
  }

  /** Those that wait for one key, in the order in which they came. */
  private static final class Queue {
    private final KeyBytes key;
    private final CacheRule rule;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private Leases.Lease lease;
    private boolean asking;
    private boolean again;

    /** {@link Leases.Lease#heard} of the lease, when its server was asked last. */
    private int heard;

    /** The number of the key's stripe then; see {@link Versions}. */
    private long asked;

    private Queue(KeyBytes key, CacheRule rule, Leases.Lease lease) {
      this.key = key;
      this.rule = rule;
      this.lease = lease;
    }
  }

  /** One more waits while another client has the lease of its key. */
  void add(Waiter waiter, CacheRule rule, Leases.Lease lease) {
    assert worker.inThread();
    Queue queue = queues.get(waiter.key());
    if (queue == null) {
      queue = new Queue(waiter.key(), rule, lease);
      queues.put(queue.key, queue);
    }
    queue.waiters.add(waiter);
    follow(queue, lease);
  }

  /** They wait for the holder of this lease. */
  private void follow(Queue queue, Leases.Lease lease) {
    if (queue.lease != lease) {
      queue.lease = lease;
      queue.heard = 0;
    }
    lease.waitIn(this);
    if (lease.heard() != queue.heard) {
      ask(queue);
    }
  }

  @Override
  public void lookAgain(KeyBytes key) {
    worker
        .eventLoop()
        .execute(
            () -> {
              Queue queue = queues.get(key);
              if (queue != null) {
                ask(queue);
              }
            });
  }

  /** Some time has passed. */
  void onTick(long nowNanos) {
    assert worker.inThread();
    if (!queues.isEmpty()) {
      for (Queue queue : List.copyOf(queues.values())) {
        tick(queue, nowNanos);
      }
    }
  }

  private void tick(Queue queue, long nowNanos) {
    for (Waiter first = queue.waiters.peek();
        first != null && (!first.waits() || first.isLate(nowNanos));
        first = queue.waiters.peek()) {
      queue.waiters.poll();
      recorders[queue.rule.index()].leaseTimeouts += first.waits() ? 1 : 0;
      first.giveNil();
    }
    if (queue.waiters.isEmpty()) {
      if (!queue.asking) {
        queues.remove(queue.key, queue);
      }
    } else if (queue.lease.isOver(nowNanos)) {
      ask(queue);
    }
  }

  private void ask(Queue queue) {
    if (queue.asking) {
      queue.again = true;
      return;
    }
    queue.asking = true;
    queue.again = false;
    queue.heard = queue.lease.heard();
    queue.asked = versions.now(versions.stripe(queue.key.hash()));
    boolean value = queue.waiters.stream().anyMatch(Waiter::awaitsValue);
    questions.ask(
        value ? GET : EXISTS,
        queue.key,
        new Question(queue, value),
        questions.primaryOf(queue.key),
        questions.lane());
  }

  /** Asks for the key that some wait for. */
  private final class Question extends WholeReply {
    private final Queue queue;

    /** Whether for its value. */
    private final boolean value;

    Question(Queue queue, boolean value) {
      super(replyBytesMax);
      this.queue = queue;
      this.value = value;
    }

    @Override
    void onReply(byte @Nullable [] whole) {
      byte[] nothing = value ? NIL : NO_KEY;
      answered(queue, value ? whole : null, Arrays.equals(nothing, whole));
    }

    @Override
    public void onFailure(NodeFailure failure) {
      answered(queue, null, false);
    }
  }

  /**
   * The server has answered, or cannot.
   *
   * @param value the reply to a GET; null: there is none that could be given
   * @param nil whether there is no such key
   */
  private void answered(Queue queue, byte @Nullable [] value, boolean nil) {
    queue.asking = false;
    if (!nil) {
      queues.remove(queue.key, queue);
      leases.end(versions.stripe(queue.key.hash()), queue.key);
      leases.isTold(queue.key);
      for (Waiter each = queue.waiters.poll(); each != null; each = queue.waiters.poll()) {
        each.isThere(value);
      }
      return;
    }
    boolean isOld =
        queue.lease.isOver(worker.nowNanos())
            && versions.now(versions.stripe(queue.key.hash())) != queue.asked;
    if (!isOld) { // else the key may have been written since, and its loader's time was over then
      staysWaiting(queue);
    }
    if ((queue.again || isOld) && queues.get(queue.key) == queue) {
      ask(queue);
    }
  }

  /** There is no such key: the first that waits loads it, unless somebody else does. */
  private void staysWaiting(Queue queue) {
    while (!queue.waiters.isEmpty() && !queue.waiters.element().waits()) {
      queue.waiters.poll();
    }
    Waiter first = queue.waiters.peek();
    if (first == null) {
      queues.remove(queue.key, queue);
      return;
    }
    long now = worker.nowNanos();
    boolean inVain = queue.lease.hasTimedOut(now);
    Leases.Lease lease =
        leases.take(
            versions.stripe(queue.key.hash()),
            queue.key,
            first.seat(),
            queue.asked,
            now,
            now + TimeUnit.MILLISECONDS.toNanos(queue.rule.leaseMillis()));
    // With an old nil, from before something was heard, nobody loads: the server is asked again.
    int known = queue.lease == lease ? queue.heard : 0;
    if (lease == null || (lease.isOf(first.seat()) && lease.heard() == known)) {
      queue.waiters.poll();
      recorders[queue.rule.index()].leaseTimeouts += inVain ? 1 : 0;
      first.giveNil();
    }
    if (lease != null) {
      follow(queue, lease);
    }
  }
}
