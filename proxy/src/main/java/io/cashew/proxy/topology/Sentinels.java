package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import io.cashew.proxy.topology.SentinelVotes.Outcome;
import io.cashew.proxy.topology.SentinelVotes.Told;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Sentinels of one configuration, those that it names and those that they tell of, and what
 * they say of the masters that somebody {@linkplain #follow follows}. All who have the same
 * configuration share it. Confined to the control thread, but for {@link #known}.
 */
public final class Sentinels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sentinels.class);

  private final List<String> configured;
  private final Asking asking;
  private final ScheduledExecutorService control;
  private final Map<String, SentinelLink> links = new LinkedHashMap<>();
  private final Map<String, Master> masters = new LinkedHashMap<>();

  /** Why those that cannot be asked cannot, by address. */
  private final Map<String, String> failures = new TreeMap<>();

  private final Set<String> answering = new LinkedHashSet<>();

  /** Written by the control thread. */
  private volatile List<KnownSentinel> known = List.of();

  private boolean warned;
  private long warnedNanos;

  /** What is said of one name, and who wants to know. */
  private static final class Master {
    private final SentinelVotes votes;
    private final ToldReplicas replicas = new ToldReplicas();
    private final List<Runnable> followers = new ArrayList<>();

    /** Of the Sentinels that are replacing its primary, by address. */
    private final Map<String, FailoverStage> failingOver = new LinkedHashMap<>();

    Master(List<String> sentinels) {
      votes = new SentinelVotes(sentinels);
    }

    void isSilent(String sentinel) {
      votes.isSilent(sentinel);
      replicas.isSilent(sentinel);
      failingOver.remove(sentinel);
    }
  }

  /**
   * Connects to nobody before somebody follows.
   *
   * @param configured addresses, at least one
   * @param asking with the credentials of the Sentinels
   */
  public Sentinels(List<String> configured, Asking asking, ScheduledExecutorService control) {
    this.configured = List.copyOf(configured);
    this.asking = asking;
    this.control = control;
  }

  /**
   * Learns of a master from now on.
   *
   * @param changed runs when {@link #outcome} may be another
   */
  void follow(String master, Runnable changed) {
    assert ControlThread.isHere(control);
    masters.computeIfAbsent(master, name -> new Master(configured)).followers.add(changed);
    if (links.isEmpty()) {
      configured.forEach(this::connect);
    } else {
      askNow();
    }
  }

  /** Ends that; without anybody who follows there are no connections. */
  void unfollow(String master, Runnable changed) {
    assert ControlThread.isHere(control);
    Master of = masters.get(master);
    if (of == null) {
      return;
    }
    of.followers.remove(changed);
    if (of.followers.isEmpty()) {
      masters.remove(master);
      if (masters.isEmpty()) {
        close();
      } else {
        connectToAll();
      }
    }
  }

  /** Whether nobody follows any master. */
  public boolean isUnused() {
    return masters.isEmpty();
  }

  /** Whether each Sentinel has answered, or could not be asked. */
  boolean haveBeenAsked() {
    return failures.size() + answering.size() >= links.size();
  }

  /**
   * Since when all Sentinels that can be asked say what they say: the moment when the first of them
   * was asked. Empty: one has not answered yet, or none answers.
   */
  OptionalLong askedNanos() {
    OptionalLong first = OptionalLong.empty();
    for (SentinelLink link : links.values()) {
      if (answering.contains(link.address())) {
        long asked = link.askedNanos();
        first = OptionalLong.of(first.isPresent() ? earlier(first.getAsLong(), asked) : asked);
      } else if (!failures.containsKey(link.address())) {
        return OptionalLong.empty();
      }
    }
    return first;
  }

  private static long earlier(long nanos, long otherNanos) {
    return otherNanos - nanos < 0 ? otherNanos : nanos;
  }

  /** Which of them are replacing the primary at this moment, by their addresses. */
  List<String> failingOver(String master) {
    return List.copyOf(followed(master).failingOver.keySet());
  }

  /** What each of them says of a failover. */
  List<FailoverClaims.Saying> sayings(String master) {
    Master of = followed(master);
    return links.keySet().stream()
        .map(
            address ->
                new FailoverClaims.Saying(
                    address,
                    of.failingOver.get(address) == FailoverStage.REPLACES,
                    of.votes.namedBy(address)))
        .toList();
  }

  /** Whom most name. */
  Outcome outcome(String master) {
    return votes(master).outcome();
  }

  /** Whether most know no master of the name. */
  boolean isUnknown(String master) {
    return votes(master).isUnknown();
  }

  /** Addresses of its replicas, as most tell that answer; whether they are there is not said. */
  List<String> replicas(String master) {
    return followed(master).replicas.most();
  }

  private SentinelVotes votes(String master) {
    return followed(master).votes;
  }

  private Master followed(String master) {
    Master of = masters.get(master);
    if (of == null) {
      throw new IllegalStateException("nobody follows " + master);
    }
    return of;
  }

  /** Why Sentinels do not answer, for people; empty if all do. */
  String failures() {
    List<String> texts = new ArrayList<>();
    failures.forEach((address, why) -> texts.add(address + ": " + why));
    return String.join(", ", texts);
  }

  /** All that are known, those that are configured first; from any thread. */
  public List<KnownSentinel> known() {
    return known;
  }

  private void noteKnown() {
    known =
        links.keySet().stream()
            .map(
                address -> {
                  boolean answers = answering.contains(address);
                  String why = failures.getOrDefault(address, "it has not answered yet");
                  return new KnownSentinel(address, answers, answers ? "" : why);
                })
            .toList();
  }

  /** Asks all, as soon as they have answered what they are being asked. */
  void askNow() {
    List.copyOf(links.values()).forEach(SentinelLink::ask);
  }

  private void connect(String address) {
    SentinelLink link = new SentinelLink(address, asking, control, masters::keySet, new OnLink());
    links.put(address, link);
    noteKnown();
    link.open();
  }

  /** Connects to those of whom others told, and to none of whom they do not any more. */
  private void connectToAll() {
    Set<String> wanted = new LinkedHashSet<>(configured);
    masters.values().forEach(master -> wanted.addAll(master.votes.addresses()));
    for (SentinelLink link : List.copyOf(links.values())) {
      if (!wanted.contains(link.address())) {
        links.remove(link.address());
        link.close();
        answering.remove(link.address());
        failures.remove(link.address());
        masters.values().forEach(master -> master.isSilent(link.address()));
      }
    }
    wanted.stream().filter(address -> !links.containsKey(address)).forEach(this::connect);
    noteKnown();
  }

  private void tellFollowers(Master master) {
    List.copyOf(master.followers).forEach(Runnable::run);
  }

  /** Says once that most are gone, and once that they are back. */
  private void lookWhetherMostAnswer() {
    boolean most = masters.values().stream().allMatch(each -> each.votes.outcome().mostAnswer());
    if (!most && !warned && haveBeenAsked()) {
      warned = true;
      warnedNanos = System.nanoTime();
      LOG.warn(
          Events.SOURCE_SILENT,
          "{} of {} Sentinels answer, which proves nothing: what was known last stays ({})",
          answering.size(),
          links.size(),
          failures());
    } else if (most && warned) {
      warned = false;
      LOG.info(
          Events.SOURCE_SILENT,
          "{} of {} Sentinels answer again, after {} ms",
          answering.size(),
          links.size(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - warnedNanos));
    }
  }

  private final class OnLink implements SentinelLink.Listener {
    @Override
    public void is(SentinelLink link, String id) {
      masters.values().forEach(master -> master.votes.is(link.address(), id));
    }

    @Override
    public void names(SentinelLink link, String name, Optional<String> primary) {
      Master master = masters.get(name);
      if (master != null) {
        primary.ifPresentOrElse(
            address -> master.votes.names(link.address(), address),
            () -> master.votes.namesNobody(link.address()));
        tellFollowers(master);
      }
    }

    @Override
    public void failsOver(SentinelLink link, String name, FailoverStage stage) {
      Master master = masters.get(name);
      if (master != null && stage != FailoverStage.NONE) {
        master.failingOver.put(link.address(), stage);
      } else if (master != null) {
        master.failingOver.remove(link.address());
      }
    }

    @Override
    public void tells(SentinelLink link, String name, List<Told> others) {
      Master master = masters.get(name);
      if (master != null) {
        master.votes.tells(link.address(), others);
      }
    }

    @Override
    public void hasReplicas(SentinelLink link, String name, List<String> replicas) {
      Master master = masters.get(name);
      if (master != null) {
        master.replicas.tells(link.address(), replicas);
      }
    }

    @Override
    public void answered(SentinelLink link) {
      failures.remove(link.address());
      answering.add(link.address());
      connectToAll();
      lookWhetherMostAnswer();
      List.copyOf(masters.values()).forEach(Sentinels.this::tellFollowers);
    }

    @Override
    public void happened() {
      askNow();
    }

    @Override
    public void silent(SentinelLink link, String why) {
      answering.remove(link.address());
      failures.put(link.address(), why);
      noteKnown();
      masters.values().forEach(master -> master.isSilent(link.address()));
      lookWhetherMostAnswer();
      List.copyOf(masters.values()).forEach(Sentinels.this::tellFollowers);
    }
  }

  /** Ends all connections; who follows later has them made anew. */
  @Override
  public void close() {
    links.values().forEach(SentinelLink::close);
    links.clear();
    answering.clear();
    failures.clear();
    noteKnown();
    warned = false;
  }
}
