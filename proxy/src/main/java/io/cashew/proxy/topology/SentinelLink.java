package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.Requests;
import io.cashew.proxy.topology.SentinelVotes.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One Sentinel at one address: two connections, one for questions, about once a second, and one on
 * which it tells of what happens. While either fails it counts as silent, and is connected to
 * again. Confined to the control thread.
 */
final class SentinelLink implements AutoCloseable {
  private static final long EVERY_MILLIS = 1000;
  private static final long LEAST_MILLIS = 20;
  private static final long SHORTEST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 2000;

  private static final String SWITCHED = "+switch-master";

  /** What is a reason to ask all Sentinels. */
  private static final List<String> CHANNELS =
      List.of(
          SWITCHED,
          "+sdown",
          "-sdown",
          "+odown",
          "+reboot",
          "+slave",
          "+role-change",
          "+try-failover",
          "+elected-leader",
          "+promoted-slave",
          "+failover-end",
          "-failover-abort-not-elected",
          "-failover-abort-no-good-slave",
          "-failover-abort-slave-timeout");

  /** For each master. */
  private static final int QUESTIONS = 4;

  private static final byte[] WHO = Requests.of("SENTINEL", "MYID");

  /** Who hears what it says. */
  interface Listener {
    /** It has said who it is. */
    void is(SentinelLink link, String id);

    /** It names a primary; empty: it knows no master of this name. */
    void names(SentinelLink link, String master, Optional<String> primary);

    /** How far it is with the replacement of a primary at this moment. */
    void failsOver(SentinelLink link, String master, FailoverStage stage);

    /** It tells of others that watch a master. */
    void tells(SentinelLink link, String master, List<Told> others);

    /** It tells of the replicas of a master. */
    void hasReplicas(SentinelLink link, String master, List<String> replicas);

    /** All that it was asked together has been answered. */
    void answered(SentinelLink link);

    /** Something has happened to one of its masters. */
    void happened();

    /**
     * It cannot be asked.
     *
     * @param why in words
     */
    void silent(SentinelLink link, String why);
  }

  private final String address;
  private final Asking asking;
  private final ScheduledExecutorService control;
  private final Supplier<Set<String>> masters;
  private final Listener listener;
  private Asking.@Nullable Connection questions;
  private Asking.@Nullable Connection events;
  private long pauseMillis = SHORTEST_PAUSE_MILLIS;

  /** When it was asked what it answered last. */
  private long askedNanos;

  private boolean asked;
  private boolean again;
  private boolean closed;

  /** Counts the pairs of connections: what concerns a former one comes too late. */
  private int generation;

  /**
   * Connects to nothing yet.
   *
   * @param masters names of those that are asked about
   */
  SentinelLink(
      String address,
      Asking asking,
      ScheduledExecutorService control,
      Supplier<Set<String>> masters,
      Listener listener) {
    this.address = address;
    this.asking = asking;
    this.control = control;
    this.masters = masters;
    this.listener = listener;
  }

  String address() {
    return address;
  }

  /** When it was asked what it has answered last; of no meaning before it has answered. */
  long askedNanos() {
    return askedNanos;
  }

  /** Connects. */
  void open() {
    if (closed) {
      return;
    }
    int mine = ++generation;
    asked = false;
    again = false;
    questions = asking.connect(address, why -> failed(mine, why));
    events =
        asking.connect(
            address,
            new Asking.Listener() {
              @Override
              public void message(ReplyValue message) {
                if (mine == generation) {
                  take(message);
                }
              }

              @Override
              public void closed(String why) {
                failed(mine, why);
              }
            });
    // One reply for each channel, so a request for each.
    events.ask(
        CHANNELS.stream().map(channel -> Requests.of("SUBSCRIBE", channel)).toList(),
        replies -> {
          if (mine == generation && refused(replies).isPresent()) {
            failed(mine, "it refuses SUBSCRIBE (" + refused(replies).orElseThrow() + ")");
          }
        });
    ask();
  }

  private static Optional<String> refused(@Nullable List<ReplyValue> replies) {
    return replies == null
        ? Optional.empty()
        : replies.stream().filter(reply -> reply.type() == '-').map(ReplyValue::text).findFirst();
  }

  private void failed(int which, String why) {
    if (closed || which != generation) {
      return;
    }
    disconnect();
    listener.silent(this, why);
    long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    var unused = control.schedule(this::open, pause, TimeUnit.MILLISECONDS);
  }

  private void disconnect() {
    generation++;
    if (questions != null) {
      questions.close();
      questions = null;
    }
    if (events != null) {
      events.close();
      events = null;
    }
  }

  // ---------------------------------------------------------------- questions

  /** Asks now, or again when what is being asked has been answered. */
  void ask() {
    Asking.Connection open = questions;
    if (closed || open == null) {
      return;
    }
    if (asked) {
      again = true;
      return;
    }
    asked = true;
    again = false;
    List<String> names = List.copyOf(masters.get());
    List<byte[]> requests = new ArrayList<>();
    requests.add(WHO);
    for (String name : names) {
      requests.add(Requests.of("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name));
      requests.add(Requests.of("SENTINEL", "SENTINELS", name));
      requests.add(Requests.of("SENTINEL", "REPLICAS", name));
      requests.add(Requests.of("SENTINEL", "MASTER", name));
    }
    int mine = generation;
    long nowNanos = System.nanoTime();
    open.ask(
        requests,
        replies -> {
          if (mine == generation && replies != null) {
            askedNanos = nowNanos;
            answered(mine, names, replies);
          }
        });
  }

  private void answered(int mine, List<String> names, List<ReplyValue> replies) {
    asked = false;
    ReplyValue id = replies.get(0);
    if (id.isText() && !id.text().isEmpty()) {
      listener.is(this, id.text());
    }
    for (int i = 0; i < names.size(); i++) {
      ReplyValue primary = replies.get(1 + QUESTIONS * i);
      if (primary.type() == '-') {
        failed(mine, "it answers " + primary.text());
        return;
      }
      // Before the vote: who counts is known when it is counted.
      listener.tells(this, names.get(i), told(replies.get(2 + QUESTIONS * i)));
      listener.hasReplicas(this, names.get(i), servers(replies.get(3 + QUESTIONS * i)));
      FailoverStage stage = FailoverStage.of(fields(replies.get(4 + QUESTIONS * i)));
      listener.failsOver(this, names.get(i), stage);
      listener.names(this, names.get(i), address(primary.elements(), 0));
    }
    pauseMillis = SHORTEST_PAUSE_MILLIS;
    listener.answered(this);
    if (mine == generation) {
      askLater(mine);
    }
  }

  private void askLater(int mine) {
    long jitter = ThreadLocalRandom.current().nextLong(EVERY_MILLIS / 5) - EVERY_MILLIS / 10;
    var unused =
        control.schedule(
            () -> {
              if (mine == generation && !asked) {
                ask();
              }
            },
            again ? LEAST_MILLIS : EVERY_MILLIS + jitter,
            TimeUnit.MILLISECONDS);
  }

  /** Each is an array of names and values in turn. */
  private static List<Told> told(ReplyValue reply) {
    List<Told> others = new ArrayList<>();
    for (ReplyValue each : reply.elements()) {
      Map<String, String> fields = fields(each);
      String id = fields.getOrDefault("runid", "");
      address(fields)
          .filter(found -> !id.isEmpty())
          .ifPresent(found -> others.add(new Told(id, found)));
    }
    return others;
  }

  /** The addresses alone; none where a Sentinel does not know the question. */
  private static List<String> servers(ReplyValue reply) {
    return reply.elements().stream().flatMap(each -> address(fields(each)).stream()).toList();
  }

  private static Map<String, String> fields(ReplyValue of) {
    Map<String, String> fields = new HashMap<>();
    List<ReplyValue> pairs = of.elements();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      fields.put(pairs.get(i).text(), pairs.get(i + 1).text());
    }
    return fields;
  }

  private static Optional<String> address(Map<String, String> fields) {
    return ServerAddress.checked(fields.getOrDefault("ip", ""), fields.getOrDefault("port", ""));
  }

  /** The address of which the host is an element, and the port the next. */
  private static Optional<String> address(List<ReplyValue> elements, int host) {
    return host + 1 < elements.size()
        ? ServerAddress.checked(elements.get(host).text(), elements.get(host + 1).text())
        : Optional.empty();
  }

  // ---------------------------------------------------------------- events

  private void take(ReplyValue message) {
    if (message.elements().get(1).text().equals(SWITCHED)) {
      String[] words = message.elements().get(2).text().split(" ", -1);
      if (words.length >= 5 && masters.get().contains(words[0])) {
        ServerAddress.checked(words[3], words[4])
            .ifPresent(primary -> listener.names(this, words[0], Optional.of(primary)));
      }
    }
    listener.happened();
  }

  @Override
  public void close() {
    assert ControlThread.isHere(control);
    closed = true;
    disconnect();
  }
}
