package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the servers of a Redis Cluster, one after the other until one has told enough, round after
 * round. However many reasons there are, it asks at most ten times a second. Confined to the
 * control thread.
 */
final class ClusterQuestions implements AutoCloseable {
  /** Least time from one question to the next. */
  static final long SPACING_MILLIS = 100;

  /** A server that has not answered by then is not waited for; what it says later counts, too. */
  static final long PATIENCE_MILLIS = 500;

  /** Of the reasons why servers do not answer, so many are told. */
  private static final int MOST_TOLD = 8;

  /**
   * What an answer was good for.
   *
   * @param isEnough whether the round may end
   * @param problem why it says nothing; empty: it says something
   */
  record Heard(boolean isEnough, String problem) {
    /** It says nothing. */
    static Heard nothing(String why) {
      return new Heard(false, why);
    }
  }

  /** Whoever wants to know. */
  interface Listener {
    /** Addresses of all that may answer, in the order in which a round is to ask them. */
    List<String> inOrder();

    /** A server has answered {@link ClusterReply#REQUESTS}. */
    Heard heard(String address, List<ReplyValue> replies);

    /**
     * A round has ended.
     *
     * @param again whether something has happened meanwhile
     * @return after how many milliseconds the next begins, unless something happens
     */
    long ended(boolean again);
  }

  private final Listener listener;
  private final ScheduledExecutorService control;
  private final Map<String, AskedServer> servers = new HashMap<>();
  private final Map<String, String> failures = new TreeMap<>();
  private @Nullable Asking asking;

  /** Addresses that the round has not asked; null: no round runs. */
  private @Nullable ArrayDeque<String> left;

  private @Nullable ScheduledFuture<?> next;
  private long askedNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(SPACING_MILLIS);
  private String lastTeller = "";
  private boolean again;

  /** Numbers the questions; of the last it is not known whether it was answered. */
  private int question;

  private long failed;

  /** Asks nobody before {@link #askWith}. */
  ClusterQuestions(Listener listener, ScheduledExecutorService control) {
    this.listener = listener;
    this.control = control;
  }

  /** Begins a round on new connections. */
  void askWith(Asking with) {
    assert ControlThread.isHere(control);
    close();
    asking = with;
    begin();
  }

  /** Something has happened: a round begins, now or when the one that runs has ended. */
  void askNow() {
    assert ControlThread.isHere(control);
    if (left == null) {
      begin();
    } else {
      again = true;
    }
  }

  /** How many questions there were. */
  long count() {
    return question;
  }

  /** How many of them have brought nothing. */
  long failed() {
    return failed;
  }

  /** The server that was the last to tell something; empty: none was. */
  String lastTeller() {
    return lastTeller;
  }

  /** Why servers do not answer, for people. */
  String failures() {
    List<String> texts = new ArrayList<>();
    failures.forEach((address, why) -> texts.add(address + ": " + why));
    return String.join(", ", texts.subList(0, Math.min(texts.size(), MOST_TOLD)));
  }

  // ---------------------------------------------------------------- a round

  private void begin() {
    if (asking == null) {
      return;
    }
    again = false;
    left = new ArrayDeque<>(listener.inOrder());
    askNext();
  }

  private void askNext() {
    ArrayDeque<String> addresses = left;
    Asking with = asking;
    if (addresses == null || with == null) {
      return;
    }
    if (addresses.isEmpty()) {
      end();
      return;
    }
    long past = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - askedNanos);
    if (past < SPACING_MILLIS) {
      in(SPACING_MILLIS - past, this::askNext);
      return;
    }
    askedNanos = System.nanoTime();
    int number = ++question;
    AskedServer server =
        servers.computeIfAbsent(addresses.remove(), address -> new AskedServer(with, address));
    in(
        PATIENCE_MILLIS,
        () -> isSilent(number, server, "no answer within " + PATIENCE_MILLIS + " ms"));
    try {
      server.ask(ClusterReply.REQUESTS, replies -> answered(number, server, replies));
    } catch (IllegalArgumentException noAddress) {
      isSilent(number, server, String.valueOf(noAddress.getMessage()));
    }
  }

  private void in(long millis, Runnable task) {
    cancel();
    next = control.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  private void cancel() {
    ScheduledFuture<?> planned = next;
    if (planned != null) {
      planned.cancel(false);
      next = null;
    }
  }

  private void isSilent(int number, AskedServer server, String why) {
    failures.put(server.address(), why);
    if (number == question && left != null) {
      failed++;
      askNext();
    }
  }

  private void answered(int number, AskedServer server, @Nullable List<ReplyValue> replies) {
    if (servers.get(server.address()) != server) {
      return; // it was let go
    }
    if (replies == null) {
      isSilent(number, server, server.failure());
      return;
    }
    Heard heard = listener.heard(server.address(), replies);
    if (!heard.problem().isEmpty()) {
      isSilent(number, server, heard.problem());
      return;
    }
    failures.remove(server.address());
    lastTeller = server.address();
    if (number == question && left != null) {
      if (heard.isEnough()) {
        end();
      } else {
        askNext();
      }
    }
  }

  private void end() {
    left = null;
    servers.values().removeIf(this::isLetGo);
    in(listener.ended(again), this::begin);
  }

  /** One connection is kept: to the server that has answered last. */
  private boolean isLetGo(AskedServer server) {
    if (server.address().equals(lastTeller)) {
      return false;
    }
    server.close();
    return true;
  }

  @Override
  public void close() {
    cancel();
    left = null;
    asking = null;
    servers.values().forEach(AskedServer::close);
    servers.clear();
  }
}
