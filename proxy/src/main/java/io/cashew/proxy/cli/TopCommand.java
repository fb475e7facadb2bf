package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cashew top}: a running proxy, in the terminal. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    description =
        "Shows pools, nodes, rates, latencies, errors and the newest events of a running proxy, again"
            + " and again until Ctrl-C. It asks the proxy's admin address.")
final class TopCommand implements Callable<Integer> {
  private static final int EVENTS = 8;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** To the corner, and what is below the picture is gone. */
  private static final String HOME = "\u001b[H";

  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final String CLEAR = "\u001b[2J";

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:22222",
      description = "The admin address of the proxy. Default: ${DEFAULT-VALUE}.")
  private String admin = "";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:CASHEW_ADMIN_TOKEN}",
      description = "What admin.token says. Default: the environment's CASHEW_ADMIN_TOKEN.")
  private @Nullable String token;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "Time between two looks. Default: ${DEFAULT-VALUE}.")
  private int interval;

  @Option(
      names = "--once",
      description = "Prints one picture, of averages since the proxy's start, and ends.")
  private boolean once;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (interval < 1) {
      throw new ParameterException(spec.commandLine(), "--interval must be at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    Config before = null;
    long beforeNanos = 0;
    if (!once) {
      out.print(CLEAR);
    }
    while (true) {
      Config now = ask("/api/state");
      List<Config> events = events();
      long nanos = System.nanoTime();
      double seconds =
          before == null ? Math.max(1, now.getLong("uptimeSeconds")) : (nanos - beforeNanos) / 1e9;
      TopView view = new TopView(now, before, seconds, events);
      if (once) {
        view.lines().forEach(out::println);
        out.flush();
        return 0;
      }
      out.print(HOME);
      view.lines().forEach(line -> out.println(line + CLEAR_LINE));
      out.print(CLEAR_BELOW);
      out.flush();
      before = now;
      beforeNanos = nanos;
      TimeUnit.SECONDS.sleep(interval);
    }
  }

  private List<Config> events() throws IOException, InterruptedException {
    return TopView.configs(ask("/api/events?count=" + EVENTS), "events");
  }

  private Config ask(String path) throws IOException, InterruptedException {
    HttpRequest.Builder request;
    try {
      request = HttpRequest.newBuilder(URI.create("http://" + admin + path));
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(
          spec.commandLine(), "--admin must be host:port, not '" + admin + "'", wrong);
    }
    if (token != null && !token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> response;
    try {
      response =
          HttpClient.newBuilder()
              .connectTimeout(TIMEOUT)
              .build()
              .send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException notThere) {
      throw new IOException(
          "the admin address " + admin + " does not answer: is the proxy running?", notThere);
    }
    if (response.statusCode() != 200) {
      throw new IOException(
          "the admin address "
              + admin
              + " answers "
              + response.statusCode()
              + ": "
              + response.body().strip());
    }
    return ConfigFactory.parseString(
        response.body(), ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }
}
