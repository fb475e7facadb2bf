package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.topology.SentinelVotes.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the primary of one master name: the server that most Sentinels name and that says itself
 * that it is one. While fewer than most answer, the last one stays of which both was so. Confined
 * to the control thread, but for {@link #rivals}.
 *
 * <p>From the moment when its replica is promoted the old primary still says that it is one, and
 * takes writes that will be lost, until a Sentinel has made it a replica. So what may write waits
 * while a Sentinel is {@linkplain FailoverClaims believed} that replaces the primary, and while
 * most name another one. That has no more than {@link #DOUBT_MILLIS} to say that it takes writes:
 * if it has not by then, nobody is primary.
 */
public final class SentinelMaster implements PrimaryWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SentinelMaster.class);

  /** How long a server that most Sentinels do not name any more is the primary. */
  static final long DOUBT_MILLIS = 250;

  /** However often it refuses requests. */
  private static final long LEAST_NANOS_BETWEEN_DOUBTS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long SHORTEST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private final String shard;
  private final String name;
  private final Sentinels sentinels;
  private final Asking asking;
  private final ScheduledExecutorService control;
  private final Runnable changed = this::look;
  private final Map<String, AskedServer> servers = new HashMap<>();
  private final Settling settling;
  private final RivalWatch others;
  private final FailoverClaims claims = new FailoverClaims();
  private Consumer<Found> found = none -> {};
  private @Nullable Found last;

  /** The server that was named and has said that it is primary; null: none, or not any more. */
  private @Nullable String proven;

  /** The same, while nobody else was proven; null: nobody ever was. */
  private @Nullable String lastProven;

  private @Nullable Candidate candidate;
  private long waitingSinceNanos;
  private long doubtedNanos = System.nanoTime() - LEAST_NANOS_BETWEEN_DOUBTS;
  private boolean closed;

  /** A server that most name and that has not said that it is primary. */
  private final class Candidate {
    private final String address;
    private long pauseMillis = SHORTEST_PAUSE_MILLIS;
    private String says = "does not answer";

    Candidate(String address) {
      this.address = address;
    }

    void ask() {
      if (candidate == this) {
        server(address).ask(RoleReply.REQUEST, this::answered);
      }
    }

    private void answered(@Nullable ReplyValue reply) {
      if (candidate != this) {
        return;
      }
      RoleReply role = RoleReply.of(reply);
      if (role instanceof RoleReply.Primary) {
        prove(address);
        return;
      }
      if (role instanceof RoleReply.Replica replica) {
        says = "says that it is a replica of " + replica.primary();
      } else if (role instanceof RoleReply.Unknown unknown && reply != null) {
        says = "answers " + unknown.why();
      } else if (reply == null) {
        says = "does not answer (" + server(address).failure() + ")";
      } else {
        says = "is a Sentinel";
      }
      if (proven == null) {
        publish(Found.nobody(text()));
      }
      long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis);
      pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
      var unused = control.schedule(this::ask, pause, TimeUnit.MILLISECONDS);
    }

    void isLate() {
      if (candidate == this) {
        proven = null;
        publish(Found.nobody(text()));
      }
    }

    private String text() {
      return "the Sentinels say that '" + name + "' is at " + address + ", which " + says;
    }
  }

  /**
   * Begins nothing.
   *
   * @param shard for messages: {@code node 'gamma' of pool 'sessions'}
   * @param name of the master, as the Sentinels know it
   * @param asking with the credentials of the shard's servers
   */
  public SentinelMaster(
      String shard,
      String name,
      Sentinels sentinels,
      Asking asking,
      ScheduledExecutorService control) {
    this.shard = shard;
    this.name = name;
    this.sentinels = sentinels;
    this.asking = asking;
    this.control = control;
    others = new RivalWatch(shard, asking, control);
    settling = new Settling(control, sentinels::askNow);
  }

  @Override
  public List<String> rivals() {
    return others.rivals();
  }

  @Override
  public void start(Consumer<Found> hears) {
    assert ControlThread.isHere(control);
    found = hears;
    sentinels.follow(name, changed);
  }

  @Override
  public void settle(Consumer<Optional<String>> doubt) {
    assert ControlThread.isHere(control);
    settling.begin(doubt);
  }

  @Override
  public void hint(Hint hint) {
    assert ControlThread.isHere(control);
    if (closed) {
      return;
    }
    sentinels.askNow();
    String doubted = proven;
    long now = System.nanoTime();
    if (doubted != null && hint instanceof Hint.Refused refused) {
      if (candidate == null
          && refused.server().address().equals(doubted)
          && now - doubtedNanos >= LEAST_NANOS_BETWEEN_DOUBTS) {
        doubtedNanos = now;
        server(doubted).ask(RoleReply.REQUEST, reply -> doubt(doubted, reply));
      }
    }
  }

  /** A server that refuses writes may have been made a replica, and the Sentinels know nothing. */
  private void doubt(String doubted, @Nullable ReplyValue reply) {
    if (doubted.equals(proven)
        && candidate == null
        && RoleReply.of(reply) instanceof RoleReply.Replica) {
      proven = null;
      look();
    }
  }

  /** The Sentinels may say something else than before. */
  private void look() {
    if (closed) {
      return;
    }
    Outcome outcome = sentinels.outcome(name);
    claims.look(sentinels.sayings(name), System.nanoTime());
    follow(outcome);
    if (settling.isAwaited()) {
      sentinels.askedNanos().ifPresent(asked -> lookWhetherSettled(outcome, asked));
    }
  }

  /**
   * From the moment when a failover is begun until all Sentinels name the new primary, the former
   * one takes writes that may be lost: one Sentinel that knows of it is enough to wait.
   */
  private void lookWhetherSettled(Outcome outcome, long askedNanos) {
    List<String> failingOver = sentinels.failingOver(name);
    Candidate next = candidate;
    String named = outcome.primary().orElse(null);
    if (!failingOver.isEmpty()) {
      settling.looked(
          askedNanos,
          Optional.of(
              "the Sentinel at "
                  + failingOver.get(0)
                  + " is replacing the primary of '"
                  + name
                  + "'"));
    } else if (named == null) {
      settling.looked(askedNanos, Optional.of(whyNobody(outcome)));
    } else if (!outcome.isUndisputed()) {
      settling.looked(
          askedNanos,
          Optional.of(
              (outcome.answering() - outcome.votes())
                  + " of "
                  + outcome.answering()
                  + " Sentinels that answer do not say that '"
                  + name
                  + "' is at "
                  + named));
    } else if (next != null) {
      settling.looked(askedNanos, Optional.of(next.text()));
    } else {
      server(named)
          .ask(
              RoleReply.REQUEST,
              reply ->
                  settling.looked(
                      askedNanos,
                      RoleReply.of(reply) instanceof RoleReply.Primary && named.equals(proven)
                          ? Optional.empty()
                          : Optional.of(named + " does not say that it is primary")));
    }
  }

  private void follow(Outcome outcome) {
    String named = outcome.primary().orElse(null);
    String now = proven;
    if (named == null || named.equals(now)) {
      candidate = null;
    } else if (candidate == null || !candidate.address.equals(named)) {
      Candidate next = new Candidate(named);
      candidate = next;
      next.ask();
      var unused = control.schedule(next::isLate, DOUBT_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (now != null) {
      publish(Found.at(now)); // with other replicas, perhaps, or about to be replaced
    } else if (named == null && sentinels.haveBeenAsked()) {
      publish(Found.nobody(whyNobody(outcome)));
    }
  }

  private String whyNobody(Outcome outcome) {
    if (sentinels.isUnknown(name)) {
      return "the Sentinels know no master '"
          + name
          + "': see SENTINEL MASTERS for the names that they know";
    }
    String failures = sentinels.failures();
    return outcome.answering()
        + " of "
        + outcome.all()
        + " Sentinels answer, and "
        + outcome.votes()
        + " agree on where '"
        + name
        + "' is"
        + (failures.isEmpty() ? "" : " (" + failures + ")");
  }

  private void prove(String address) {
    candidate = null;
    proven = address;
    String former = lastProven;
    if (former != null && !former.equals(address)) {
      claims.isReplaced(former);
    }
    lastProven = address;
    servers
        .entrySet()
        .removeIf(
            each -> {
              boolean other = !each.getKey().equals(address);
              if (other) {
                each.getValue().close();
              }
              return other;
            });
    publish(Found.at(address));
  }

  private AskedServer server(String address) {
    return servers.computeIfAbsent(address, where -> new AskedServer(asking, where));
  }

  /** Why another server is about to take over from the primary; empty: nothing speaks for it. */
  private Optional<String> whyReplaced(String primary) {
    Candidate next = candidate;
    return next == null
        ? claims
            .against(primary)
            .map(sentinel -> "the Sentinel at " + sentinel + " replaces " + primary)
        : Optional.of(next.text());
  }

  private void publish(Found what) {
    Optional<String> whyReplaced = what.primary().flatMap(this::whyReplaced);
    Found now = what.among(sentinels.replicas(name)).beingReplaced(whyReplaced.isPresent());
    if (closed || now.equals(last)) {
      return;
    }
    Found before = last;
    last = now;
    if (before == null || before.isBeingReplaced() != now.isBeingReplaced()) {
      tellWhetherReplaced(before, now, whyReplaced.orElse(""));
    }
    if (now.primary().isPresent()) {
      if (before == null || !before.primary().equals(now.primary())) {
        LOG.info("{}: {} is primary of '{}'", shard, now.primary().get(), name);
      }
    } else if (before == null || before.primary().isPresent()) {
      LOG.atWarn().addMarker(Events.NO_PRIMARY).log("{} has no primary: {}", shard, now.why());
    }
    // While nobody takes writes, whoever says that it is primary is who is waited for.
    others.follow(now.primary().isPresent() ? now.replicas() : List.of());
    found.accept(now);
  }

  private void tellWhetherReplaced(@Nullable Found before, Found now, String why) {
    if (now.isBeingReplaced()) {
      waitingSinceNanos = System.nanoTime();
      LOG.info("{}: what may write waits for another primary: {}", shard, why);
    } else if (before != null && before.primary().equals(now.primary())) {
      LOG.warn(
          "{}: {} has not been replaced: what may write has waited for {} ms",
          shard,
          now.primary().orElseThrow(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - waitingSinceNanos));
    }
  }

  @Override
  public void close() {
    closed = true;
    candidate = null;
    settling.close();
    sentinels.unfollow(name, changed);
    others.close();
    servers.values().forEach(AskedServer::close);
    servers.clear();
  }
}
