package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.topology.ControlThread;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns what the servers behind a pool's nodes are ({@link ServerFacts}): at the start, when
 * connections to a node have ended or a first one was opened, since another server may be there
 * now, and now and then. Confined to the control thread, but for {@link #awaitFirst}.
 */
final class ServerWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);

  /** A server may be given modules, or other rights, without anybody's connection ending. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** A node that could not be connected to may be there soon. */
  private static final long UNREACHED_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * What servers have in common is found anew at most so often while some have not answered: that
   * looks at all of them, and with a thousand nodes each answer would otherwise cost a thousand.
   */
  static final long PUBLISH_MILLIS = 200;

  /** Nodes that are asked at one time: what one says of its commands takes some 200 KB. */
  static final int MOST_ASKED = 32;

  /** Asks a node, somewhere else; the replies come on any thread, null if they do not. */
  interface Asker {
    void ask(Node node, List<byte[]> requests, Consumer<@Nullable List<byte[]>> done);
  }

  /** What is known of one node's asking. */
  private static final class Entry {
    boolean isAsked;
    int changesSeen;
    long nextNanos;
  }

  private final ScheduledExecutorService control;
  private final Asker asker;
  private final Consumer<ServerFacts> changed;
  private final CountDownLatch first = new CountDownLatch(1);
  private Map<Node, Entry> entries = new HashMap<>();
  private ServerFacts least = ServerFacts.UNKNOWN;

  /** The commands of servers, each once: a thousand servers of one version have one list. */
  private final Map<Set<String>, Set<String>> commands = new HashMap<>();

  private final Map<Map<String, Integer>, Map<String, Integer>> arities = new HashMap<>();

  /** Nodes that are asked, and those that are to be when others have answered. */
  private int asked;

  /** Something has been learned that {@link #changed} has not heard. */
  private boolean isUnpublished;

  /**
   * Watches no node yet.
   *
   * @param changed hears what all servers have in common, whenever it has been learned anew
   */
  ServerWatch(ScheduledExecutorService control, Asker asker, Consumer<ServerFacts> changed) {
    this.control = control;
    this.asker = asker;
    this.changed = changed;
  }

  /** Watches these nodes from now on, and asks those that are new. */
  void follow(List<Node> nodes) {
    assert ControlThread.isHere(control);
    Map<Node, Entry> now = new HashMap<>();
    nodes.forEach(node -> now.put(node, entries.getOrDefault(node, newEntry())));
    entries = now;
    commands.clear();
    arities.clear();
    look();
    publish();
  }

  private static Entry newEntry() {
    Entry entry = new Entry();
    entry.nextNanos = System.nanoTime();
    return entry;
  }

  /** Asks those of which something may have changed; called now and then. */
  void look() {
    assert ControlThread.isHere(control);
    long nowNanos = System.nanoTime();
    asked = (int) entries.values().stream().filter(entry -> entry.isAsked).count();
    entries.forEach(
        (node, entry) -> {
          boolean isDue =
              entry.changesSeen != node.mayBeAnother() || nowNanos - entry.nextNanos >= 0;
          if (isDue && !entry.isAsked && !node.circuitOpen() && ++asked <= MOST_ASKED) {
            entry.isAsked = true;
            entry.nextNanos = nowNanos + AGAIN_NANOS;
            entry.changesSeen = node.mayBeAnother();
            ask(node);
          }
        });
    noteFirst();
  }

  private void ask(Node node) {
    SocketAddress address = node.address().home();
    asker.ask(
        node,
        ServerReplies.QUESTIONS,
        replies -> {
          if (replies == null) {
            onControl(() -> unreached(node));
            return;
          }
          ServerFacts facts = ServerReplies.read(replies, address);
          onControl(() -> heard(node, facts));
        });
  }

  private void heard(Node node, @Nullable ServerFacts facts) {
    ServerFacts before = node.facts();
    if (facts == null || facts.commands() == null) {
      heardNoCommands(node, facts);
    } else if (before != null && isSameProcess(before, facts)) {
      learned(node, facts.with(facts.commands(), before.arities()));
    } else {
      learned(node, facts); // what is known without the large reply is known sooner
      askArities(node, facts);
    }
  }

  private void heardNoCommands(Node node, @Nullable ServerFacts facts) {
    if (facts == null) {
      learned(node, null);
    } else {
      askArities(node, facts);
    }
  }

  /** Whether its commands are those that it had: nothing that decides of them is another. */
  private static boolean isSameProcess(ServerFacts before, ServerFacts now) {
    return before.with(now.commands(), Map.of()).equals(now)
        && Objects.equals(before.commands(), now.commands())
        && !before.arities().isEmpty();
  }

  private void askArities(Node node, ServerFacts facts) {
    asker.ask(
        node,
        ServerReplies.ARITIES,
        replies ->
            onControl(
                () ->
                    learned(
                        node,
                        replies == null
                            ? facts
                            : ServerReplies.withArities(facts, replies.get(0)))));
  }

  private void onControl(Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("what a server is comes too late: the proxy is stopping");
    }
  }

  private void unreached(Node node) {
    Entry entry = entries.get(node);
    if (entry != null) {
      entry.nextNanos = System.nanoTime() + UNREACHED_AGAIN_NANOS;
    }
    learned(node, null);
  }

  private void learned(Node node, @Nullable ServerFacts facts) {
    Entry entry = entries.get(node);
    if (entry == null) {
      return;
    }
    entry.isAsked = false;
    if (facts != null && !facts.equals(node.facts())) {
      node.facts(shared(facts));
      publishSoon();
    }
    if (asked > MOST_ASKED) {
      look();
    } else {
      noteFirst();
    }
  }

  private ServerFacts shared(ServerFacts facts) {
    Set<String> its = facts.commands();
    return facts.with(
        its == null ? null : commands.computeIfAbsent(its, same -> same),
        arities.computeIfAbsent(facts.arities(), same -> same));
  }

  private void publishSoon() {
    if (isUnpublished) {
      return;
    }
    isUnpublished = true;
    try {
      var unused = control.schedule(this::publishNew, PUBLISH_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("what a server is comes too late: the proxy is stopping");
    }
  }

  private void publishNew() {
    if (isUnpublished) {
      publish();
    }
  }

  private void publish() {
    isUnpublished = false;
    ServerFacts now =
        ServerFacts.leastOf(
            entries.keySet().stream().map(Node::facts).filter(facts -> facts != null).toList());
    if (!now.equals(least)) {
      least = now;
      LOG.debug("the servers are at least Redis {}", now.redisVersion());
    }
    changed.accept(least);
  }

  private void noteFirst() {
    if (entries.values().stream().noneMatch(entry -> entry.isAsked)) {
      publishNew();
      first.countDown();
    }
  }

  /** Waits until every node has been asked once, as far as it answers; from any thread. */
  void awaitFirst(long deadlineNanos) {
    try {
      first.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
