package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from the servers of a Redis Cluster who has which slots: at the start, when traffic shows
 * that something has changed, and now and then. Whoever is known is asked, so that the seeds may be
 * gone. Confined to the control thread, but for {@link #whyNobody}, {@link #errorOfNobody} and
 * {@link #cluster}.
 */
public final class ClusterSource extends LearningSource {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterSource.class);

  /** From one round of questions to the next while slots are not served. */
  private static final long UNWELL_MILLIS = 1_000;

  /** A map that no server has confirmed for so long may be replaced by one of another Cluster. */
  private static final long CONFIRMED_MILLIS = 10_000;

  /** Servers that were members and may still answer. */
  private static final int MOST_FORMER = 64;

  /** Where a Cluster is found. Equal ones find the same, in the same way. */
  public interface Origin {
    /** Addresses of some servers, at least one. */
    List<String> seeds();

    /** Addresses of servers that are reached at others, as {@code told → reached}. */
    Map<String, String> elsewhere();

    /** From one look to the next while nothing happens; a tenth more or less. */
    long refreshMillis();

    /** With the credentials of the servers. */
    Asking asking();
  }

  private final String pool;
  private final Supplier<Origin> origins;
  private final ClusterQuestions questions;
  private final ClusterTroubles troubles = new ClusterTroubles(System.nanoTime());

  /** As configured last; null: it has not started. */
  private @Nullable Origin origin;

  private ClusterMap map = ClusterMap.NOTHING;

  /** The map is replaced whichever Cluster answers: other seeds are configured, or none has. */
  private boolean anyClusterWillDo = true;

  private long confirmedNanos = System.nanoTime();
  private long confirmedMillis = System.currentTimeMillis();
  private boolean answered;

  /** Of servers that were members; the last may answer when all others do not. */
  private final Set<String> former = new LinkedHashSet<>();

  private boolean warned;

  /** Written by the control thread. */
  private volatile KnownCluster known = KnownCluster.nothing(confirmedMillis);

  /**
   * Asks nobody yet.
   *
   * @param pool for messages
   * @param configured where to begin: nobody is known to have a slot
   * @param origin where the Cluster is found, as configured at the moment
   */
  public ClusterSource(
      String pool, Topology configured, Supplier<Origin> origin, ScheduledExecutorService control) {
    super(configured);
    this.pool = pool;
    this.origins = origin;
    questions = new ClusterQuestions(new Learning(), control);
  }

  /**
   * What a pool begins with: nobody is known to have a slot.
   *
   * @param databases most that clients may choose from, as configured
   */
  public static Topology nothing(int databases) {
    return ClusterShards.of(ClusterMap.NOTHING, databases, Map.of());
  }

  @Override
  public KnownCluster cluster() {
    return known;
  }

  @Override
  public String whyNobody(String shard) {
    return known.problem();
  }

  @Override
  public String errorOfNobody(String shard) {
    KnownCluster now = known;
    return now.answered()
        ? "CLUSTERDOWN Hash slot not served"
        : "CLUSTERDOWN Hash slot not served: " + now.problem();
  }

  // ---------------------------------------------------------------- what is configured

  /** Asks elsewhere, or in another way, if that is configured now. */
  @Override
  void follow(Topology pool) {
    Origin before = origin;
    Origin now = origins.get();
    if (!now.equals(before)) {
      anyClusterWillDo |= before != null && !now.seeds().equals(before.seeds());
      origin = now;
      questions.askWith(now.asking());
    }
  }

  @Override
  Topology known(Topology pool) {
    int databases = Math.min(pool.traits().databases(), map.databases());
    return ClusterShards.of(map, databases, elsewhere());
  }

  private Map<String, String> elsewhere() {
    Origin now = origin;
    return now == null ? Map.of() : now.elsewhere();
  }

  // ---------------------------------------------------------------- what traffic shows

  @Override
  public void hint(Hint hint) {
    if (!isOpen()) {
      return;
    }
    if (hint instanceof Hint.Moved told) {
      String at = new ClusterAddresses("", elsewhere()).of(told.address());
      if (!at.isEmpty()) {
        troubles.moved(told.group(), at);
      }
    } else if (hint instanceof Hint.Lost gone) {
      troubles.lost(gone.server().address(), System.nanoTime());
    } else if (hint instanceof Hint.Refused refused) {
      troubles.lost(refused.server().address(), System.nanoTime());
    }
    questions.askNow();
  }

  // ---------------------------------------------------------------- what servers say

  private final class Learning implements ClusterQuestions.Listener {
    @Override
    public List<String> inOrder() {
      Set<String> order = new LinkedHashSet<>(troubles.whoKnows(map));
      order.addAll(map.unproven());
      if (!troubles.isLost(questions.lastTeller())) {
        order.add(questions.lastTeller());
      }
      List<ClusterServer> members = new ArrayList<>(map.servers());
      Collections.shuffle(members);
      for (ClusterServer server : members) {
        if (server.condition() == ClusterServer.Condition.WELL
            && !troubles.isLost(server.address())) {
          order.add(server.address());
        }
      }
      Origin now = origin;
      order.addAll(now == null ? List.of() : now.seeds());
      members.forEach(server -> order.add(server.address()));
      order.addAll(former);
      order.remove("");
      return List.copyOf(order);
    }

    @Override
    public ClusterQuestions.Heard heard(String address, List<ReplyValue> replies) {
      ClusterReply reply = ClusterReply.of(replies, new ClusterAddresses(address, elsewhere()));
      if (reply instanceof ClusterReply.Unknown unknown) {
        return ClusterQuestions.Heard.nothing(unknown.why());
      }
      ClusterReply.View view = (ClusterReply.View) reply;
      if (isOfAnotherCluster(view)) {
        return ClusterQuestions.Heard.nothing("it belongs to another Cluster");
      }
      take(view, address);
      return new ClusterQuestions.Heard(
          view.serves() && map.uncovered() == 0 && troubles.areSolved(), "");
    }

    @Override
    public long ended(boolean again) {
      long now = System.nanoTime();
      boolean urgent = troubles.areUrgent(now);
      troubles.roundIsOver(again, now);
      noteKnown(known.teller());
      tellOfSilence();
      if (again || urgent) {
        return 0;
      }
      long refresh = refreshMillis();
      boolean well =
          map.uncovered() == 0 && map.unproven().isEmpty() && troubles.nobodyIsSuspected();
      long jitter = ThreadLocalRandom.current().nextLong(refresh / 5 + 1) - refresh / 10;
      return well ? refresh + jitter : Math.min(refresh, UNWELL_MILLIS);
    }
  }

  private long refreshMillis() {
    Origin now = origin;
    return now == null ? UNWELL_MILLIS : now.refreshMillis();
  }

  /** Whether a view is not to be taken; one of another Cluster is, if nobody else answers. */
  private boolean isOfAnotherCluster(ClusterReply.View view) {
    if (!map.isStrange(view)) {
      return false;
    }
    if (!anyClusterWillDo && confirmedMillisAgo() < CONFIRMED_MILLIS) {
      return true;
    }
    LOG.atWarn()
        .addMarker(Events.CLUSTER_CHANGED)
        .addKeyValue(Events.POOL, pool)
        .log("pool '{}' follows another Cluster than before", pool);
    map = ClusterMap.NOTHING;
    return false;
  }

  private long confirmedMillisAgo() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - confirmedNanos);
  }

  /** Takes over what is new in a view. */
  private void take(ClusterReply.View view, String teller) {
    ClusterMap before = map;
    map = before.after(view);
    confirmedNanos = System.nanoTime();
    confirmedMillis = System.currentTimeMillis();
    answered = true;
    anyClusterWillDo &= map.uncovered() == ClusterReply.SLOTS;
    troubles.seen(map, teller, confirmedNanos);
    noteKnown(teller);
    if (!map.equals(before)) {
      ClusterNews.tell(pool, before, map);
      remember(before);
      publish();
      if (!before.unproven().containsAll(map.unproven())) {
        questions.askNow();
      }
    }
  }

  private void remember(ClusterMap before) {
    before.servers().forEach(server -> former.add(server.address()));
    map.servers().forEach(server -> former.remove(server.address()));
    while (former.size() > MOST_FORMER) {
      former.remove(former.iterator().next());
    }
  }

  // ---------------------------------------------------------------- for people

  private void noteKnown(String teller) {
    int uncovered = map.uncovered();
    String problem = "";
    if (!answered) {
      problem = "none of the servers of the Cluster answers (" + questions.failures() + ")";
    } else if (uncovered > 0) {
      problem = "no server of the Cluster has " + uncovered + " of the slots";
    }
    known =
        new KnownCluster(
            map.epoch(),
            uncovered,
            questions.count(),
            questions.failed(),
            answered,
            confirmedMillis,
            teller,
            problem);
  }

  /** Says once that no server tells its view, and once that one does. */
  private void tellOfSilence() {
    boolean silent = !answered || confirmedMillisAgo() > CONFIRMED_MILLIS + 2 * refreshMillis();
    if (silent && !warned) {
      LOG.atWarn()
          .addMarker(Events.SOURCE_SILENT)
          .addKeyValue(Events.POOL, pool)
          .log(
              "pool '{}': none of the servers of its Cluster answers ({}); they are asked again and"
                  + " again, what was known last stays",
              pool,
              questions.failures());
    } else if (!silent && warned) {
      LOG.atInfo()
          .addMarker(Events.SOURCE_SILENT)
          .addKeyValue(Events.POOL, pool)
          .log("pool '{}': the servers of its Cluster answer again", pool);
    }
    warned = silent;
  }

  @Override
  void end() {
    questions.close();
  }
}
