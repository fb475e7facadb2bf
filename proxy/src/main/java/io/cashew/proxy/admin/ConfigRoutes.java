package io.cashew.proxy.admin;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.cashew.proxy.control.CertificateState;
import io.cashew.proxy.control.ConfigStatus;
import io.cashew.proxy.control.ReloadResult;
import io.cashew.proxy.control.Reloads;
import io.cashew.proxy.metrics.TlsState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the admin address says of the configuration, and the way to have it read again. */
public final class ConfigRoutes {
  private static final String JSON = "application/json";

  private ConfigRoutes() {}

  /**
   * The rows.
   *
   * @param certificates how those of the pools do; asked by the thread that answers
   */
  public static List<Route> of(Reloads reloads, Supplier<List<CertificateState>> certificates) {
    return List.of(
        Route.get(
            "/api/config",
            "the configuration that runs: digest, last attempt to reload and its error, certificates,"
                + " as JSON",
            request -> json(reloads.status(), certificates.get())),
        new Route(
            "POST",
            "/reload",
            "reads the file again: 200 and what changed, 400 and what is wrong with it, 409 and why"
                + " it cannot be taken over",
            request ->
                reloads
                    .reload("POST /reload")
                    .thenApply(result -> AdminReply.text(status(result), result.text()))));
  }

  private static int status(ReloadResult result) {
    return switch (result.outcome()) {
      case DONE -> 200;
      case INVALID -> 400;
      case REFUSED -> 409;
    };
  }

  private static AdminReply json(ConfigStatus status, List<CertificateState> certificates) {
    Map<String, Object> object = new LinkedHashMap<>();
    status.file().ifPresent(file -> object.put("file", file));
    object.put("digest", status.digest());
    status.fileDigest().ifPresent(digest -> object.put("fileDigest", digest));
    object.put("lags", status.lags());
    object.put("loadedAt", status.loadedAt().toString());
    object.put("attemptedAt", status.attemptedAt().toString());
    object.put("trigger", status.trigger());
    object.put("succeeded", status.error().isEmpty());
    status.error().ifPresent(error -> object.put("error", error));
    object.put("problems", status.problems().stream().map(ConfigRoutes::problem).toList());
    object.put("needRestart", status.needRestart());
    object.put("certificates", certificates.stream().map(ConfigRoutes::certificate).toList());
    object.put("running", status.running());
    String text =
        ConfigValueFactory.fromMap(object).render(ConfigRenderOptions.concise().setFormatted(true));
    return AdminReply.of(200, JSON, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Object> certificate(CertificateState of) {
    Map<String, Object> object = new LinkedHashMap<>();
    TlsState.Failure failure = of.state().failure();
    object.put("pool", of.pool());
    object.put("side", of.side());
    object.put("usable", failure == null);
    if (failure != null) {
      object.put("error", failure.text());
      object.put("since", Instant.ofEpochMilli(failure.atMillis()).toString());
    }
    return object;
  }

  private static Map<String, Object> problem(ConfigStatus.Problem problem) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", problem.file());
    object.put("line", problem.line());
    object.put("key", problem.key());
    object.put("text", problem.text());
    return object;
  }
}
