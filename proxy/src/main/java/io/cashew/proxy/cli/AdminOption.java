package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that name the admin address of a running proxy, and what can be asked there. */
final class AdminOption {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** What has requests end that are under way takes as long as the configuration lets it. */
  private static final Duration ACTION_TIMEOUT = Duration.ofMinutes(10);

  private static final int OK = 200;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec(Target.MIXEE)
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

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  /**
   * A path with a query.
   *
   * @param namesAndValues name, value, name, value …; those whose value is null are left out
   */
  static String path(String path, @Nullable String... namesAndValues) {
    List<String> query = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String value = namesAndValues[i + 1];
      if (value != null) {
        query.add(namesAndValues[i] + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
      }
    }
    return query.isEmpty() ? path : path + "?" + String.join("&", query);
  }

  /** Asks for JSON. */
  Config get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(request(path).timeout(TIMEOUT));
    if (response.statusCode() != OK) {
      throw refused(response);
    }
    return ConfigFactory.parseString(
        response.body(), ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }

  /** Asks for something to be done; the reply may say that it was not. */
  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(
        request(path)
            .timeout(ACTION_TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
  }

  /** What was answered instead of what was asked for. */
  IOException refused(HttpResponse<String> response) {
    return new IOException(
        "the admin address "
            + admin
            + " answers "
            + response.statusCode()
            + ": "
            + response.body().strip());
  }

  private HttpRequest.Builder request(String path) {
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
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException notThere) {
      throw new IOException(
          "the admin address " + admin + " does not answer: is the proxy running?", notThere);
    }
  }
}
