package io.cashew.proxy.control;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.ClientDirectory;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.metrics.NodeState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What an operator may do with one pool while it serves. From any thread; what it does is done on
 * the control thread and on the workers, and nobody waits for it.
 */
final class PoolOperations {
  private final PoolChanges changes;
  private final Supplier<PoolView> view;
  private final ClientDirectory directory;
  private final Insights insights;

  PoolOperations(
      PoolChanges changes, Supplier<PoolView> view, ClientDirectory directory, Insights insights) {
    this.changes = changes;
    this.view = view;
    this.directory = directory;
    this.insights = insights;
  }

  /** How it is now. */
  PoolView view() {
    return view.get();
  }

  /** See {@link Operations#maintain}. */
  CompletionStage<Optional<String>> maintain(
      NodeAction action, String node, String by, boolean anyway) {
    return switch (action) {
      case DRAIN, OFFLINE -> {
        NodeState.Maintenance since =
            new NodeState.Maintenance(action.word(), by, System.currentTimeMillis());
        yield changes
            .maintain(out -> out.with(node, since))
            .ended()
            .thenApply(ended -> Optional.empty());
      }
      case READY -> changes.ready(node, anyway);
    };
  }

  /** Keeps a node out, as another process had it; done when no request goes to it. */
  CompletionStage<Void> keepOut(String node, NodeState.Maintenance since) {
    return changes.maintain(out -> out.with(node, since)).installed();
  }

  // ---------------------------------------------------------------- clients

  /**
   * Those of its clients that are meant, at most so many of each worker, in no order.
   *
   * @param wanted asked on the worker of each client
   */
  CompletionStage<List<ClientView>> clients(Predicate<ClientView> wanted, int max) {
    String pool = view().name();
    return each(part ->
            part.clients().stream()
                .filter(client -> !client.over())
                .map(client -> ClientView.of(pool, client))
                .filter(wanted)
                .limit(max)
                .toList())
        .thenApply(lists -> lists.stream().flatMap(List::stream).toList());
  }

  /**
   * Closes the clients that are meant.
   *
   * @return which they were
   */
  CompletionStage<List<ClientView>> close(Predicate<ClientView> wanted) {
    String pool = view().name();
    return each(part -> close(part, pool, wanted))
        .thenApply(lists -> lists.stream().flatMap(List::stream).toList());
  }

  private static List<ClientView> close(PoolPart part, String pool, Predicate<ClientView> wanted) {
    List<Client> meant =
        part.clients().stream()
            .filter(client -> !client.over() && wanted.test(ClientView.of(pool, client)))
            .toList();
    List<ClientView> closed = meant.stream().map(client -> ClientView.of(pool, client)).toList();
    meant.forEach(Client::close);
    return closed;
  }

  /** Asks the pool's part on each worker. */
  private <T> CompletionStage<List<T>> each(Function<PoolPart, T> question) {
    List<CompletableFuture<T>> asked =
        directory.parts().stream()
            .map(
                part ->
                    CompletableFuture.supplyAsync(
                        () -> question.apply(part), part.worker().eventLoop()))
            .toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> asked.stream().map(CompletableFuture::join).toList());
  }

  // ---------------------------------------------------------------- access log

  /**
   * Writes a line for each request from now on, or none.
   *
   * @return whether the configuration names a file
   */
  boolean accessLog(boolean on) {
    return insights.accessLog(on);
  }
}
