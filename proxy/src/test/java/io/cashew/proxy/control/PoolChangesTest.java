package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a pool does when it is to be something else, and again before it is that. */
final class PoolChangesTest {
  private final EmbeddedChannel control = new EmbeddedChannel();
  private final Names names = Names.of(name -> new InetAddress[0], () -> {});
  private final Placing placing =
      new Placing("p", VirtualWorker.sockets(), names, (node, cause) -> {});
  private final List<FakeChange> begun = new ArrayList<>();
  private final Source source = new Source();
  private final PoolChanges changes;
  private PoolState state;

  PoolChangesTest() throws ConfigException {
    PoolSettings settings = settings("10.0.0.1", "1s");
    Wanted first =
        new Wanted(settings, new PoolCertificates(null, null), 0, LayerSettings.topology(settings));
    state = new PoolState(first, placing.place(first, List.of()), List.of(), first.topology());
    changes =
        new PoolChanges(control.eventLoop(), placing, source, first, () -> state, FakeChange::new);
    changes.start();
  }

  private static PoolSettings settings(String host, String timeout) throws ConfigException {
    String text =
        "cashew.pools.p { listen = \"127.0.0.1:1\", timeout = "
            + timeout
            + ", nodes = [ \""
            + host
            + ":6379:1 alpha\" ] }";
    return HoconReader.read(text, "cashew.conf").pools().get(0);
  }

  /** Knows what the test says. */
  private static final class Source implements TopologySource {
    private final List<Hint> hints = new ArrayList<>();
    private @Nullable Sink sink;
    private final List<Consumer<Optional<String>>> settling = new ArrayList<>();
    private boolean closed;
    private boolean broken;

    @Override
    public void start(Sink to) {
      sink = to;
    }

    @Override
    public void configured(Topology pool) {
      if (broken) {
        throw new IllegalStateException("on purpose");
      }
      publish(pool);
    }

    @Override
    public void settle(String shard, Consumer<Optional<String>> doubt) {
      settling.add(doubt);
    }

    void publish(Topology topology) {
      Sink to = sink;
      if (to != null) {
        to.publish(topology);
      }
    }

    @Override
    public void hint(Hint hint) {
      hints.add(hint);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final class FakeChange implements PoolChanges.Change {
    private final Wanted wanted;
    private final PlacedChange nodes;
    private final PoolChanges.Progress progress;
    private long patienceMillis;
    private boolean stopped;

    FakeChange(Wanted wanted, PlacedChange nodes, PoolChanges.Progress progress) {
      this.wanted = wanted;
      this.nodes = nodes;
      this.progress = progress;
    }

    @Override
    public void begin(long millis) {
      patienceMillis = millis;
      begun.add(this);
    }

    @Override
    public void installWithin(long millis) {
      patienceMillis = Math.min(patienceMillis, millis);
    }

    @Override
    public void stop() {
      stopped = true;
    }

    /** The workers have gone over. */
    void install() {
      state = new PoolState(wanted, nodes.nodes(), List.of(), wanted.topology());
      progress.given();
      progress.installed();
    }

    String primary() {
      return wanted.topology().shards().get(0).primary().address();
    }
  }

  private void publish(String address) {
    source.publish(
        state.wanted().topology().withPrimaries(List.of(new ServerId(address + ":6379", 0))));
  }

  @Test
  void whoIsOutStaysOutWhateverTheFileAndTheSourceSay() throws ConfigException {
    NodeState.Maintenance drain = new NodeState.Maintenance("drain", "here", 1);
    Following out = changes.maintain(now -> now.with("alpha", drain));
    control.runPendingTasks();
    assertTrue(begun.get(0).nodes.nodes().get(0).isOut());
    begun.get(0).install();
    assertTrue(out.installed().isDone());
    changes.follow(settings("10.0.0.1", "2s"), new PoolCertificates(null, null), true);
    control.runPendingTasks();
    begun.get(1).install();
    publish("10.0.0.2");
    begun.get(2).install();
    assertTrue(state.nodes().get(0).isOut());
    Following again = changes.maintain(now -> now.with("alpha", drain));
    control.runPendingTasks();
    assertTrue(again.ended().isDone(), "nothing to do");
    changes.maintain(now -> now.without("alpha"));
    control.runPendingTasks();
    begun.get(3).install();
    assertEquals("10.0.0.2:6379", state.nodes().get(0).node().address().text());
  }

  private void takeOut() {
    changes.maintain(now -> now.with("alpha", new NodeState.Maintenance("drain", "here", 1)));
    control.runPendingTasks();
    begun.get(0).install();
  }

  private CompletableFuture<Optional<String>> ready(boolean anyway) {
    CompletableFuture<Optional<String>> ready =
        changes.ready("alpha", anyway).toCompletableFuture();
    control.runPendingTasks();
    return ready;
  }

  @Test
  void whoIsOutComesBackWhenItIsSettledWhoIsPrimary() {
    takeOut();
    CompletableFuture<Optional<String>> ready = ready(false);
    publish("10.0.0.2");
    begun.get(1).install();
    assertTrue(state.nodes().get(0).isOut());
    source.settling.get(0).accept(Optional.empty());
    begun.get(2).install();
    assertEquals(Optional.empty(), ready.join());
    assertEquals("10.0.0.2:6379", state.nodes().get(0).node().address().text());
  }

  @Test
  void whoIsOutStaysOutWhileItIsNotSettledUnlessSomebodySays() {
    takeOut();
    CompletableFuture<Optional<String>> ready = ready(false);
    source.settling.get(0).accept(Optional.of("two say so"));
    assertEquals(Optional.of("two say so"), ready.join());
    assertEquals(1, begun.size());
    CompletableFuture<Optional<String>> anyway = ready(true);
    begun.get(1).install();
    assertEquals(Optional.empty(), anyway.join());
    assertFalse(state.nodes().get(0).isOut());
  }

  /** Also of what no program expects: nobody else would ever tell. */
  @Test
  void whoeverWaitsHearsOfADefect() {
    AssertionError defect = new AssertionError("on purpose");
    Following out =
        changes.maintain(
            now -> {
              throw defect;
            });
    assertSame(defect, assertThrows(AssertionError.class, control::runPendingTasks));
    for (CompletableFuture<Void> each : List.of(out.installed(), out.ended())) {
      assertSame(
          defect, assertThrows(CompletionException.class, () -> each.getNow(null)).getCause());
    }
    assertEquals(0, begun.size());
  }

  private List<String> primaries() {
    return begun.stream().map(FakeChange::primary).toList();
  }

  private Following follow(PoolSettings settings) {
    Following following = changes.follow(settings, state.wanted().certificates(), false);
    control.runPendingTasks();
    return following;
  }

  @Test
  void ofWhatIsPublishedDuringAChangeOnlyTheNewestIsTakenNext() {
    publish("10.0.0.2");
    publish("10.0.0.3");
    publish("10.0.0.4");
    assertEquals(List.of("10.0.0.2:6379"), primaries());
    begun.get(0).install();
    assertEquals(List.of("10.0.0.2:6379", "10.0.0.4:6379"), primaries());
    begun.get(1).install();
    assertEquals(2, begun.size());
  }

  @Test
  void whatIsPublishedAgainChangesNothing() {
    source.publish(state.wanted().topology());
    publish("10.0.0.1");
    assertEquals(List.of(), primaries());
  }

  @Test
  void whatTurnsBackDuringAChangeIsGoneBackToAfterIt() {
    publish("10.0.0.2");
    publish("10.0.0.1");
    begun.get(0).install();
    assertEquals(List.of("10.0.0.2:6379", "10.0.0.1:6379"), primaries());
  }

  @Test
  void aServerThatIsStillDrainedHandsOverToTheNextOneOfItsAddress() {
    ServerId before = state.nodes().get(0).server();
    publish("10.0.0.2");
    begun.get(0).install();
    publish("10.0.0.1");
    PlacedChange back = begun.get(1).nodes;
    assertEquals(before, back.predecessors().get(back.added().get(0).server()));
    begun.get(1).install();
    begun.get(0).progress.ended();
    publish("10.0.0.2");
    begun.get(2).install();
    publish("10.0.0.1");
    assertFalse(begun.get(3).nodes.predecessors().containsValue(before), "it is no more");
  }

  @Test
  void settingsAndWhatTheSourceMakesOfThemAreOneChange() throws Exception {
    PoolSettings next = settings("10.0.0.5", "2s");
    Following following = follow(next);
    assertEquals(List.of("10.0.0.5:6379"), primaries());
    assertEquals(next, begun.get(0).wanted.settings());
    assertFalse(following.installed().isDone());
    begun.get(0).install();
    assertTrue(following.installed().isDone());
    assertFalse(following.ended().isDone());
    begun.get(0).progress.ended();
    assertTrue(following.ended().isDone());
  }

  @Test
  void otherSettingsDoNotAskTheSourceAndKeepWhatItHasPublished() throws Exception {
    publish("10.0.0.2");
    begun.get(0).install();
    follow(settings("10.0.0.1", "2s"));
    assertEquals(List.of("10.0.0.2:6379", "10.0.0.2:6379"), primaries());
    assertEquals(List.of(), begun.get(1).nodes.added());
  }

  @Test
  void aFileWhoseChangeIsTheNextOneWaitsForThat() throws Exception {
    publish("10.0.0.2");
    Following following = follow(settings("10.0.0.5", "2s"));
    begun.get(0).install();
    assertFalse(following.installed().isDone());
    begun.get(1).install();
    assertTrue(following.installed().isDone());
  }

  @Test
  void nothingToChangeIsDoneAtOnce() {
    Following following = follow(state.wanted().settings());
    assertTrue(following.installed().isDone() && following.ended().isDone());
    assertEquals(List.of(), primaries());
  }

  @Test
  void aFileIsGivenMoreTimeThanASourceWhichCutsThatShort() throws Exception {
    follow(settings("10.0.0.5", "2s"));
    assertEquals(PoolChanges.PREPARE_MILLIS, begun.get(0).patienceMillis);
    publish("10.0.0.2");
    assertEquals(PoolChanges.PREPARE_PUBLISHED_MILLIS, begun.get(0).patienceMillis);
    begun.get(0).install();
    assertEquals(PoolChanges.PREPARE_PUBLISHED_MILLIS, begun.get(1).patienceMillis);
  }

  @Test
  void aPoolThatClosesStopsItsChangeAndRefusesWhatWaits() throws Exception {
    publish("10.0.0.2");
    Following waiting = follow(settings("10.0.0.5", "2s"));
    changes.stop();
    control.runPendingTasks();
    assertTrue(source.closed);
    assertTrue(begun.get(0).stopped);
    assertEquals("the proxy is stopping", refusal(waiting));
    assertEquals("the proxy is stopping", refusal(follow(settings("10.0.0.6", "2s"))));
    publish("10.0.0.3");
    assertEquals(1, begun.size());
  }

  private static String refusal(Following following) {
    ExecutionException refused =
        assertThrows(ExecutionException.class, () -> following.installed().get());
    Throwable cause = refused.getCause();
    return cause == null ? "" : String.valueOf(cause.getMessage());
  }

  @Test
  void aDefectEndsTheChangeAndTheNextOneIsTaken() throws Exception {
    Following following = follow(settings("10.0.0.5", "2s"));
    begun.get(0).progress.failed(new IllegalStateException("on purpose"));
    assertEquals("on purpose", refusal(following));
    publish("10.0.0.2");
    assertEquals(List.of("10.0.0.5:6379", "10.0.0.2:6379"), primaries());
  }

  @Test
  void whatComesDuringAChangeThatFailsIsTakenNext() throws Exception {
    follow(settings("10.0.0.5", "2s"));
    publish("10.0.0.2");
    begun.get(0).progress.failed(new IllegalStateException("on purpose"));
    assertEquals(List.of("10.0.0.5:6379", "10.0.0.2:6379"), primaries());
  }

  @Test
  void aFileWhoseNodesTheSourceDoesNotTakeIsRefusedAndChangesNothing() throws Exception {
    source.broken = true;
    assertEquals("on purpose", refusal(follow(settings("10.0.0.5", "2s"))));
    assertEquals(List.of(), primaries());
    source.broken = false;
    publish("10.0.0.2");
    assertEquals(settings("10.0.0.1", "1s"), begun.get(0).wanted.settings());
  }

  @Test
  void aTopologyWithoutAnAddressIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            source.publish(
                state.wanted().topology().withPrimaries(List.of(new ServerId("nowhere", 0)))));
    assertEquals(List.of(), primaries());
  }

  @Test
  void theSourceHearsWhichOfItsServersIsLost() {
    changes.hint(state.nodes().get(0).node(), Hint.Lost::new);
    assertEquals(List.of(new Hint.Lost(new ServerId("10.0.0.1:6379", 0))), source.hints);
  }
}
