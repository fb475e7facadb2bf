package io.cashew.proxy.admin;

import io.cashew.proxy.control.ClientView;
import io.cashew.proxy.control.Operations;
import io.cashew.proxy.metrics.ActionKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Who is connected, and the way to close them. Used by the admin threads. */
public final class ClientRoutes {
  private static final int DEFAULT = 1_000;
  private static final int MOST = 100_000;

  /** What clients are chosen by: each parameter is a condition, several values are alternatives. */
  private static final Map<String, Function<ClientView, String>> CONDITIONS =
      Map.of(
          "pool", ClientView::pool,
          "id", client -> "" + client.id(),
          "addr", ClientView::address,
          "ip", ClientRoutes::ip,
          "name", ClientView::name,
          "user", ClientView::user,
          "cmd", ClientView::lastCommand);

  private static final String FORM =
      "?pool=…&id=…&addr=HOST:PORT&ip=HOST&name=…&user=…&cmd=…&text=…";

  private final Operations operations;

  private ClientRoutes(Operations operations) {
    this.operations = operations;
  }

  /** The rows. */
  public static List<Route> of(Operations operations, Actions actions) {
    ClientRoutes routes = new ClientRoutes(operations);
    return List.of(
        new Route(
            "GET",
            "/api/clients",
            "who is connected (" + FORM + "&count=1000) as JSON",
            routes::clients),
        actions.noted(
            request -> ActionKind.CLOSE_CLIENTS,
            new Route(
                "POST",
                "/api/clients/close",
                "closes the clients that are meant (at least one of " + FORM + ")",
                routes::close)));
  }

  private static String ip(ClientView client) {
    int colon = client.address().lastIndexOf(':');
    return colon < 0 ? client.address() : client.address().substring(0, colon);
  }

  private static Predicate<ClientView> wanted(AdminRequest request) {
    Predicate<ClientView> wanted = client -> true;
    for (Map.Entry<String, Function<ClientView, String>> each : CONDITIONS.entrySet()) {
      List<String> values = request.parameters(each.getKey());
      if (!values.isEmpty()) {
        wanted = wanted.and(client -> values.contains(each.getValue().apply(client)));
      }
    }
    for (String text : request.parameters("text")) {
      wanted = wanted.and(client -> words(client).contains(text));
    }
    return wanted;
  }

  /** All that a person might look for. */
  private static String words(ClientView client) {
    return String.join(
        " ",
        client.pool(),
        client.address(),
        client.name(),
        client.user(),
        client.library(),
        client.lastCommand());
  }

  private CompletionStage<AdminReply> clients(AdminRequest request) {
    String count = request.parameter("count");
    if (!count.isEmpty() && !count.matches("\\d{1,6}")) {
      return CompletableFuture.completedFuture(AdminReply.text(400, "count is a number"));
    }
    int max = count.isEmpty() ? DEFAULT : Math.min(MOST, Integer.parseInt(count));
    return operations
        .clients(wanted(request), max)
        .thenApply(
            found -> {
              List<Object> clients =
                  found.stream().<Object>map(ClientRoutes::json).collect(Collectors.toList());
              String body = Json.text(Json.object("clients", clients)) + "\n";
              return AdminReply.of(200, "application/json", body.getBytes(StandardCharsets.UTF_8));
            });
  }

  private static Object json(ClientView client) {
    return Json.object(
        "pool", client.pool(),
        "id", client.id(),
        "addr", client.address(),
        "name", client.name(),
        "user", client.user(),
        "library", client.library(),
        "db", client.database(),
        "ageSeconds", client.ageSeconds(),
        "idleSeconds", client.idleSeconds(),
        "cmd", client.lastCommand(),
        "resp", client.resp(),
        "subscriptions", client.subscriptions(),
        "queuedBytes", client.queuedBytes(),
        "blocked", client.blocked());
  }

  private CompletionStage<AdminReply> close(AdminRequest request) {
    boolean meansSome =
        !request.parameter("text").isEmpty()
            || CONDITIONS.keySet().stream()
                .anyMatch(each -> !each.equals("pool") && !request.parameter(each).isEmpty());
    if (!meansSome) {
      return CompletableFuture.completedFuture(
          AdminReply.text(400, "which clients? POST /api/clients/close" + FORM));
    }
    return operations
        .close(wanted(request))
        .thenApply(
            closed ->
                closed.isEmpty()
                    ? AdminReply.text(404, "no such client")
                    : AdminReply.text(200, told(closed)));
  }

  private static String told(List<ClientView> closed) {
    return "closed "
        + closed.size()
        + (closed.size() == 1 ? " client: " : " clients: ")
        + closed.stream()
            .limit(10)
            .map(client -> "id " + client.id() + " at " + client.address())
            .collect(Collectors.joining(", "))
        + (closed.size() > 10 ? ", …" : "");
  }
}
