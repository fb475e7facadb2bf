package io.cashew.proxy.cache.redelete;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The deletions of a pool on one worker that wait for their time, in its order; bounded in number
 * and bytes. Counts what becomes of each for its rule. Confined to the worker.
 */
public final class Deletions {
  private final int most;
  private final long mostBytes;
  private final PriorityQueue<Deletion> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Deletion::dueMillis));
  private long bytes;

  /** None yet. */
  public Deletions(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /** One more waits for its time; if there are too many, it is lost. */
  public void add(Deletion one) {
    if (waiting.size() >= most || bytes + one.key().length > mostBytes) {
      one.recorder().redeletesLost++;
      return;
    }
    waiting.add(one);
    bytes += one.key().length;
    one.recorder().redeletesPending++;
  }

  /** One whose time has come; null: there is none. */
  public @Nullable Deletion poll(long nowMillis) {
    Deletion first = waiting.peek();
    if (first == null || first.dueMillis() - nowMillis > 0) {
      return null;
    }
    waiting.remove();
    bytes -= first.key().length;
    first.recorder().redeletesPending--;
    return first;
  }

  /** A server has repeated one. */
  public void isDone(Deletion one) {
    one.recorder().redeleted++;
  }

  /** A server refused one for good. */
  public void isRefused(Deletion one) {
    one.recorder().redeletesLost++;
  }

  /** No server has repeated one: it goes again a little later, for some time. */
  public void hasFailed(Deletion one, long nowMillis) {
    if (one.mayGoAgain()) {
      add(one.again(nowMillis));
    } else {
      one.recorder().redeletesLost++;
    }
  }

  /** How many wait. */
  public int size() {
    return waiting.size();
  }

  /** All that wait are lost. @return how many that were */
  public int loseAll() {
    List<Deletion> lost = new ArrayList<>(waiting);
    waiting.clear();
    bytes = 0;
    for (Deletion one : lost) {
      one.recorder().redeletesPending--;
      one.recorder().redeletesLost++;
    }
    return lost.size();
  }
}
