package io.cashew.proxy.control;

import io.cashew.proxy.metrics.NodeState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What an operator may do with a proxy while it serves. From any thread; nothing waits. */
public final class Operations {
  private final List<Pool> pools;

  Operations(List<Pool> pools) {
    this.pools = pools;
  }

  private Optional<PoolOperations> pool(String name) {
    return pools.stream()
        .filter(pool -> pool.settings().name().equals(name))
        .findFirst()
        .map(Pool::operations);
  }

  /** How a pool is now; empty: there is none of the name. */
  public Optional<PoolView> view(String pool) {
    return pool(pool).map(PoolOperations::view);
  }

  /**
   * Does something with a node of a pool, both of which there are.
   *
   * @param by who wants it
   * @param anyway has it back although its primary may be about to be replaced
   * @return done when no request goes to it any more and nothing is under way there, or when
   *     requests go to it again; or, as a sentence, why it stays out: its primary may be about to
   *     be replaced, and would take writes that are lost
   * @throws IllegalArgumentException if there is no such pool
   */
  public CompletionStage<Optional<String>> maintain(
      NodeAction action, String pool, String node, String by, boolean anyway) {
    return pool(pool)
        .orElseThrow(() -> new IllegalArgumentException("no pool '" + pool + "'"))
        .maintain(action, node, by, anyway);
  }

  /**
   * Keeps a node out, as another process had it.
   *
   * @param since how, by whom and since when
   * @return done when no request goes to it; false: there is no such pool or node
   */
  public CompletionStage<Boolean> keepOut(String pool, String node, NodeState.Maintenance since) {
    return pool(pool)
        .filter(each -> each.view().nodes().stream().anyMatch(one -> one.name().equals(node)))
        .map(each -> each.keepOut(node, since).thenApply(out -> true))
        .orElseGet(() -> CompletableFuture.completedStage(false));
  }

  /**
   * Who is connected, in the order in which they came.
   *
   * @param wanted asked on the worker of each client
   * @param max so many at most
   */
  public CompletionStage<List<ClientView>> clients(Predicate<ClientView> wanted, int max) {
    return ofAll(pool -> pool.clients(wanted, max))
        .thenApply(
            found ->
                found.stream()
                    .sorted(Comparator.comparingLong(ClientView::id))
                    .limit(max)
                    .collect(Collectors.toList()));
  }

  /**
   * Closes clients.
   *
   * @return which they were
   */
  public CompletionStage<List<ClientView>> close(Predicate<ClientView> wanted) {
    return ofAll(pool -> pool.close(wanted));
  }

  private CompletionStage<List<ClientView>> ofAll(
      Function<PoolOperations, CompletionStage<List<ClientView>>> question) {
    List<CompletableFuture<List<ClientView>>> asked =
        pools.stream()
            .map(pool -> question.apply(pool.operations()).toCompletableFuture())
            .toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> asked.stream().flatMap(each -> each.join().stream()).toList());
  }

  /**
   * Has a pool write a line for each request to its access log, or none.
   *
   * @return whether its configuration names a file, without which nothing is written
   * @throws IllegalArgumentException if there is no such pool
   */
  public boolean accessLog(String pool, boolean on) {
    return pool(pool)
        .orElseThrow(() -> new IllegalArgumentException("no pool '" + pool + "'"))
        .accessLog(on);
  }
}
