package io.cashew.proxy.admin;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.insight.BigKey;
import io.cashew.proxy.insight.HotKey;
import io.cashew.proxy.insight.Printable;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.SlowRequest;
import io.cashew.proxy.metrics.ClientErrorKind;
import io.cashew.proxy.metrics.CommandRecorder;
import io.cashew.proxy.metrics.CommandRecorders;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.Latencies;
import io.cashew.proxy.metrics.LatencyRecorder;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy tells of itself as JSON. Counts rise from the start of the process, so that who
 * asks twice has rates; {@code ?pool=NAME} leaves out the other pools. Answered on the admin thread
 * from what the workers count, as a scrape.
 */
public final class ApiRoutes {
  private static final int ENTRIES = 128;

  private final Supplier<ProxyView> proxy;

  private ApiRoutes(Supplier<ProxyView> proxy) {
    this.proxy = proxy;
  }

  /** The rows below {@code /api}. */
  public static List<Route> of(Supplier<ProxyView> proxy) {
    ApiRoutes routes = new ApiRoutes(proxy);
    return List.of(
        Route.get("/api/state", "pools, nodes and their numbers as JSON", routes::state),
        Route.get("/api/topology", "the primary of each node as JSON", routes::topology),
        Route.get("/api/slowlog", "slow requests as JSON, newest first", routes::slowLog),
        Route.get("/api/hotkeys", "hot and big keys as JSON", routes::hotKeys),
        Route.get("/api/ring", "shares of the nodes as JSON", routes::ring),
        Route.get("/api/ring.svg", "the shares of a pool as a picture", routes::picture));
  }

  private static AdminReply json(Object value) {
    byte[] body = (Json.text(value) + "\n").getBytes(StandardCharsets.UTF_8);
    return AdminReply.of(200, "application/json", body);
  }

  private List<PoolView> pools(AdminRequest request) {
    List<String> names = request.parameters("pool");
    return proxy.get().pools().stream()
        .filter(pool -> names.isEmpty() || names.contains(pool.name()))
        .toList();
  }

  private AdminReply pools(AdminRequest request, Function<PoolView, Object> view) {
    return json(Json.object("pools", pools(request).stream().map(view).toList()));
  }

  private static int count(AdminRequest request) {
    for (String text : request.parameters("count")) {
      if (text.matches("\\d{1,6}")) {
        return Integer.parseInt(text);
      }
    }
    return ENTRIES;
  }

  // ---------------------------------------------------------------- state

  private AdminReply state(AdminRequest request) {
    ProxyView view = proxy.get();
    return json(
        Json.object(
            "version", view.version(),
            "transport", view.transport(),
            "workers", view.workers(),
            "ready", view.ready(),
            "uptimeSeconds", view.uptimeSeconds(),
            "timeMillis", System.currentTimeMillis(),
            "memoryBytes", view.memoryBytes(),
            "memoryLimitBytes", view.memoryLimitBytes(),
            "latencyBucketMicros", Arrays.stream(Latencies.bucketMicros()).boxed().toList(),
            "pools", pools(request).stream().map(ApiRoutes::pool).toList()));
  }

  private static Object pool(PoolView pool) {
    List<PoolRecorder> workers = pool.recorders();
    Map<String, @Nullable Object> fields =
        Json.object(
            "name", pool.name(),
            "listen", pool.listen(),
            "hash", pool.hash(),
            "distribution", pool.distribution(),
            "clients", sum(workers, r -> r.clients),
            "clientsAccepted", sum(workers, r -> r.clientsAccepted),
            "clientsRefused", sum(workers, r -> r.clientsRefused),
            "subscribers", sum(workers, r -> r.subscribers),
            "requests", sum(workers, r -> r.requests),
            "requestsPerSecond", sum(workers, r -> r.requestsPerSecond),
            "requestBytes", sum(workers, r -> r.requestBytes),
            "requestBytesPerSecond", sum(workers, r -> r.requestBytesPerSecond),
            "replies", sum(workers, r -> r.replies),
            "replyBytes", sum(workers, r -> r.replyBytes),
            "replyBytesPerSecond", sum(workers, r -> r.replyBytesPerSecond),
            "inFlight", sum(workers, r -> r.inFlight),
            "queuedBytes", sum(workers, r -> r.queuedBytes),
            "slowRequests", sum(workers, r -> r.slowRequests),
            "retries", sum(workers, r -> r.retries));
    fields.put(
        "errors", kinds(RefusalKind.values(), RefusalKind::label, workers, PoolRecorder::refusals));
    fields.put(
        "clientErrors",
        kinds(
            ClientErrorKind.values(), ClientErrorKind::label, workers, PoolRecorder::clientErrors));
    List<CommandRecorders> commands = workers.stream().map(worker -> worker.commands).toList();
    fields.put(
        "latency",
        latency(
            commands.stream()
                .flatMap(worker -> worker.all().stream())
                .map(command -> command.latency)
                .toList()));
    fields.put("families", commands(CommandRecorders.byFamily(commands)));
    fields.put("commands", commands(CommandRecorders.byName(commands)));
    fields.put("nodes", pool.nodes().stream().map(ApiRoutes::node).toList());
    PoolRoutes routes = pool.routes();
    fields.put(
        "routes",
        routes == null ? List.of() : routes.routes().stream().map(ApiRoutes::route).toList());
    return fields;
  }

  private static Object route(PoolRoutes.One route) {
    return Json.object("keys", route.keys(), "user", route.user(), "pool", route.pool());
  }

  private static List<Object> commands(Map<String, List<CommandRecorder>> commands) {
    return commands.entrySet().stream().map(ApiRoutes::command).toList();
  }

  private static Object command(Map.Entry<String, List<CommandRecorder>> command) {
    List<CommandRecorder> workers = command.getValue();
    return Json.object(
        "name", command.getKey(),
        "calls", sum(workers, r -> r.calls),
        "failed", sum(workers, r -> r.failed),
        "rejected", sum(workers, r -> r.rejected),
        "latency", latency(workers.stream().map(worker -> worker.latency).toList()));
  }

  private static Object node(NodeView node) {
    List<NodeRecorder> workers = node.recorders();
    Map<String, @Nullable Object> fields =
        Json.object(
            "name", node.name(),
            "address", node.address(),
            "weight", node.weight(),
            "share", node.share(),
            "state", NodeStates.of(node),
            "maintenance", NodeStates.maintenance(node),
            "keysElsewhere", node.state().ejected(),
            "lastError", failure(node.state().lastFailure()),
            "circuitOpenings", node.state().circuitOpenings(),
            "ejections", node.state().ejections(),
            "connections", sum(workers, r -> r.connections),
            "requests", sum(workers, r -> r.requests),
            "requestBytes", sum(workers, r -> r.requestBytes),
            "replies", sum(workers, r -> r.replies),
            "replyBytes", sum(workers, r -> r.replyBytes),
            "errorReplies", sum(workers, r -> r.errorReplies),
            "inFlight", sum(workers, r -> r.inFlight),
            "queuedBytes", sum(workers, r -> r.queuedBytes));
    fields.put(
        "failures",
        kinds(FailureKind.values(), FailureKind::label, workers, NodeRecorder::failures));
    fields.put("latency", latency(workers.stream().map(worker -> worker.latency).toList()));
    return fields;
  }

  private static @Nullable Object failure(NodeState.@Nullable Failure failure) {
    return failure == null
        ? null
        : Json.object("text", failure.text(), "atMillis", failure.atMillis());
  }

  private static <R> long sum(List<R> workers, ToLongFunction<R> number) {
    return workers.stream().mapToLong(number).sum();
  }

  /** A number of a kind, on one worker. */
  private interface OfKind<R, K> {
    long of(R worker, K kind);
  }

  /** The kinds that have happened. */
  private static <R, K> Map<String, Long> kinds(
      K[] kinds, Function<K, String> label, List<R> workers, OfKind<R, K> number) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (K kind : kinds) {
      long sum = sum(workers, worker -> number.of(worker, kind));
      if (sum > 0) {
        counts.put(label.apply(kind), sum);
      }
    }
    return counts;
  }

  private static Object latency(List<LatencyRecorder> recorders) {
    Latencies latencies = Latencies.of(recorders);
    return Json.object(
        "count", latencies.count(),
        "sumMicros", latencies.sumMicros(),
        "p50", latencies.percentileMicros(50),
        "p90", latencies.percentileMicros(90),
        "p99", latencies.percentileMicros(99),
        "p999", latencies.percentileMicros(99.9),
        "max", latencies.maxMicros(),
        "buckets", Arrays.stream(latencies.buckets()).boxed().toList());
  }

  // ---------------------------------------------------------------- topology, slow log, keys, ring

  private AdminReply topology(AdminRequest request) {
    return pools(request, TopologyJson::of);
  }

  private AdminReply slowLog(AdminRequest request) {
    int count = count(request);
    return pools(
        request,
        pool ->
            Json.object(
                "name", pool.name(),
                "entries", pool.slowLog().newest(count).stream().map(ApiRoutes::slow).toList()));
  }

  private static Object slow(SlowLog.Entry entry) {
    SlowRequest slow = entry.request();
    return Json.object(
        "id", entry.id(),
        "endedMillis", slow.endedMillis(),
        "micros", slow.micros(),
        "queueMicros", slow.queueMicros(),
        "nodeMicros", slow.nodeMicros(),
        "writeBackMicros", slow.writeBackMicros(),
        "command", slow.command(),
        "key", Printable.quoted(slow.key()),
        "arguments", slow.arguments().stream().map(Printable::quoted).toList(),
        "node", slow.node(),
        "client", slow.client(),
        "clientName", slow.clientName(),
        "user", slow.user());
  }

  private AdminReply hotKeys(AdminRequest request) {
    int count = count(request);
    return pools(
        request,
        pool ->
            Json.object(
                "name", pool.name(),
                "keysPerSecond", pool.topKeys().keysPerSecond(),
                "hot",
                    pool.topKeys().hot().stream().limit(count).map(key -> hot(key, pool)).toList(),
                "big", pool.topKeys().big().stream().limit(count).map(ApiRoutes::big).toList()));
  }

  private Object hot(HotKey key, PoolView pool) {
    return Json.object(
        "key", Printable.quoted(key.key()),
        "perSecond", key.perSecond(),
        "share", key.share(),
        "node", pool.nodeOf(key.key()),
        "keptMillis", keptMillis(key, proxy.get().poolOf(pool, key.key())));
  }

  /** How long it is still kept in memory; null: it is not. */
  private static @Nullable Object keptMillis(HotKey key, PoolView pool) {
    NearCache cache = pool.cache();
    long millis = cache == null ? NearCache.NOT_KEPT : cache.keptMillis(key.key());
    return millis == NearCache.NOT_KEPT ? null : millis;
  }

  private static Object big(BigKey key) {
    return Json.object(
        "key", Printable.quoted(key.key()),
        "bytes", key.bytes(),
        "what", key.isReply() ? "reply" : "request",
        "command", key.command(),
        "node", key.node());
  }

  private AdminReply ring(AdminRequest request) {
    return pools(
        request,
        pool ->
            Json.object(
                "name", pool.name(),
                "distribution", pool.distribution(),
                "nodes", pool.nodes().stream().map(ApiRoutes::share).toList(),
                "around", pool.around()));
  }

  private static Object share(NodeView node) {
    return Json.object(
        "name", node.name(),
        "weight", node.weight(),
        "points", node.points(),
        "share", node.share());
  }

  private AdminReply picture(AdminRequest request) {
    List<PoolView> pools = pools(request);
    if (pools.isEmpty()) {
      return AdminReply.text(404, "no such pool");
    }
    PoolView pool = pools.get(0);
    String svg =
        RingPicture.svg(
            pool.name() + ", " + pool.distribution(),
            pool.nodes().stream().map(NodeView::name).toList(),
            pool.nodes().stream().map(NodeView::share).toList(),
            pool.around());
    return AdminReply.of(200, "image/svg+xml", svg.getBytes(StandardCharsets.UTF_8));
  }
}
