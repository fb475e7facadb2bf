package io.cashew.proxy.admin;

import io.cashew.proxy.control.NodeAction;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.Operations;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.metrics.ActionKind;
import io.cashew.proxy.metrics.NodeState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes nodes out for maintenance and has them back. What it means for keys is said first, and
 * nothing is done unless the request says {@code yes=true}. Used by the admin threads.
 */
public final class NodeRoutes {
  private static final String FORM =
      "POST /api/node?pool=POOL&node=NODE&action=drain|offline|ready";

  /** What it means has been said, and it is to be done all the same. */
  private static final String ANYWAY = "anyway";

  /** Else the Cluster's other servers would go on naming it for its slots. */
  private static final String OF_CLUSTER =
      "which decides itself who has its keys: have a replica take over (CLUSTER FAILOVER), or move"
          + " its slots, and stop the server then; the proxy follows";

  private static final double PERCENT = 100;
  private static final long MILLIS = 1000;

  private final Operations operations;

  private NodeRoutes(Operations operations) {
    this.operations = operations;
  }

  /** The rows. */
  public static List<Route> of(Operations operations, Actions actions) {
    NodeRoutes routes = new NodeRoutes(operations);
    return List.of(
        actions.noted(
            NodeRoutes::kind,
            new Route(
                "POST",
                "/api/node",
                "takes a node out for maintenance, or has it back"
                    + " (?pool=…&node=…&action=drain|offline|ready&yes=true; ready: &anyway=true)",
                routes::act)));
  }

  private static ActionKind kind(AdminRequest request) {
    return switch (NodeAction.of(request.parameter("action")).orElse(NodeAction.READY)) {
      case DRAIN -> ActionKind.NODE_DRAIN;
      case OFFLINE -> ActionKind.NODE_OFFLINE;
      case READY -> ActionKind.NODE_READY;
    };
  }

  private CompletionStage<AdminReply> act(AdminRequest request) {
    Optional<NodeAction> action = NodeAction.of(request.parameter("action"));
    if (action.isEmpty()) {
      return now(400, "which action? " + FORM);
    }
    Optional<PoolView> pool = operations.view(request.parameter("pool"));
    if (pool.isEmpty()) {
      return now(404, "no pool '" + request.parameter("pool") + "': " + FORM);
    }
    Optional<NodeView> node =
        pool.get().nodes().stream()
            .filter(each -> each.name().equals(request.parameter("node")))
            .findFirst();
    if (node.isEmpty()) {
      return now(
          404,
          "pool '"
              + pool.get().name()
              + "' has no node '"
              + request.parameter("node")
              + "', but "
              + String.join(", ", pool.get().nodes().stream().map(NodeView::name).toList()));
    }
    return act(action.get(), pool.get(), node.get(), request);
  }

  private CompletionStage<AdminReply> act(
      NodeAction action, PoolView pool, NodeView node, AdminRequest request) {
    NodeState.Maintenance out = node.state().maintenance();
    boolean isReady = action == NodeAction.READY;
    String name = "node '" + node.name() + "' of pool '" + pool.name() + "'";
    if (isReady == (out == null)) {
      return now(200, name + (out == null ? " is in use" : " is out already (" + told(out) + ")"));
    }
    if (!isReady && pool.cluster() != null) {
      return now(409, name + " is one of a Cluster, " + OF_CLUSTER);
    }
    String means = isReady ? whatReadyMeans(pool) : whatItMeans(action, pool, node);
    if (!isReady && !request.parameter("yes").equals("true")) {
      return now(
          Actions.SAY_YES,
          name + ": " + means + "\nnothing is done yet: ask again with yes=true (ctl: --yes)");
    }
    return operations
        .maintain(
            action,
            pool.name(),
            node.name(),
            request.from(),
            request.parameter(ANYWAY).equals("true"))
        .thenApply(
            doubt ->
                doubt
                    .map(why -> AdminReply.text(409, staysOut(name, why)))
                    .orElseGet(
                        () -> AdminReply.text(200, name + done(action, out) + ": " + means)));
  }

  private static String done(NodeAction action, NodeState.@Nullable Maintenance was) {
    return switch (action) {
      case DRAIN -> " is out, and nothing of this proxy is under way there";
      case OFFLINE -> " is out, what was under way there has failed";
      case READY ->
          " is in use again"
              + (was == null
                  ? ""
                  : " after "
                      + (System.currentTimeMillis() - was.sinceMillis()) / MILLIS
                      + " s ("
                      + was.how()
                      + " by "
                      + was.by()
                      + ")");
    };
  }

  private static String staysOut(String name, String why) {
    return name
        + " stays out: "
        + why
        + "; what a server takes that is about to be replaced is lost. Ask again when that is over,"
        + " or with anyway=true (ctl: --anyway)";
  }

  private static String told(NodeState.Maintenance out) {
    return out.how() + " by " + out.by();
  }

  /** What becomes of the keys of a node that is taken out. */
  static String whatItMeans(NodeAction action, PoolView pool, NodeView node) {
    String share = String.format(Locale.ROOT, "%.1f %%", PERCENT * node.share());
    long others =
        pool.nodes().stream()
            .filter(each -> !each.name().equals(node.name()) && each.state().maintenance() == null)
            .count();
    String keys;
    if (!pool.movesKeys()) {
      keys =
          "its keys ("
              + share
              + " of all) stay where they are: requests for them get an error at once, which names"
              + " the node, until it is ready";
    } else if (others == 0) {
      keys =
          "it is the last node of the pool: all requests get an error at once until one is ready";
    } else {
      keys =
          "its keys ("
              + share
              + " of all) go to the other nodes, which do not have them, until it is ready; then it"
              + " has what it had before, as old as that is";
    }
    return keys
        + (action == NodeAction.OFFLINE
            ? "; what is under way there fails now"
            : "; what is under way there has drain-timeout to end");
  }

  private static String whatReadyMeans(PoolView pool) {
    return pool.movesKeys()
        ? "its keys are its own again, as it had them"
        : "requests for its keys go to it";
  }

  private static CompletionStage<AdminReply> now(int status, String text) {
    return CompletableFuture.completedFuture(AdminReply.text(status, text));
  }
}
