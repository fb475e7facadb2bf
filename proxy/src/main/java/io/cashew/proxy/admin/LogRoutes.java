package io.cashew.proxy.admin;

import io.cashew.proxy.control.Operations;
import io.cashew.proxy.metrics.ActionKind;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** What is logged, from now on and until the proxy ends. Used by the admin threads. */
public final class LogRoutes {
  private static final List<String> LEVELS =
      List.of("trace", "debug", "info", "warn", "error", "config");

  private final Operations operations;
  private final UnaryOperator<String> level;

  private LogRoutes(Operations operations, UnaryOperator<String> level) {
    this.operations = operations;
    this.level = level;
  }

  /**
   * The rows.
   *
   * @param level shows lines of the log from a level on, or as the configuration says; says what is
   *     shown
   */
  public static List<Route> of(
      Operations operations, UnaryOperator<String> level, Actions actions) {
    LogRoutes routes = new LogRoutes(operations, level);
    return List.of(
        actions.noted(
            request -> ActionKind.LOG_LEVEL,
            new Route(
                "POST",
                "/api/log",
                "shows lines of the log from a level on (?level=debug|info|warn|error|config)",
                routes::level)),
        actions.noted(
            request -> ActionKind.ACCESS_LOG,
            new Route(
                "POST",
                "/api/access-log",
                "writes a pool's access log, or not (?pool=…&on=true|false)",
                routes::accessLog)));
  }

  private CompletionStage<AdminReply> level(AdminRequest request) {
    String wanted = request.parameter("level").toLowerCase(Locale.ROOT);
    return LEVELS.contains(wanted)
        ? now(200, level.apply(wanted))
        : now(400, "which level? one of " + String.join(", ", LEVELS));
  }

  private CompletionStage<AdminReply> accessLog(AdminRequest request) {
    String pool = request.parameter("pool");
    String on = request.parameter("on");
    if (!on.equals("true") && !on.equals("false")) {
      return now(400, "write on=true or on=false");
    }
    if (operations.view(pool).isEmpty()) {
      return now(404, "no pool '" + pool + "'");
    }
    if (!operations.accessLog(pool, on.equals("true"))) {
      return now(
          409,
          "pool '"
              + pool
              + "' has no access-log.file: name one, with access-log.enabled = false if it is to"
              + " wait, and start the proxy anew");
    }
    return now(
        200,
        "the access log of pool '"
            + pool
            + "' is "
            + (on.equals("true") ? "written" : "not written"));
  }

  private static CompletionStage<AdminReply> now(int status, String text) {
    return CompletableFuture.completedFuture(AdminReply.text(status, text));
  }
}
