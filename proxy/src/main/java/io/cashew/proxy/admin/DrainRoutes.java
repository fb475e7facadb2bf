package io.cashew.proxy.admin;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The way to have the proxy stop over HTTP. */
public final class DrainRoutes {
  private DrainRoutes() {}

  /**
   * The row.
   *
   * @param drain begins to stop, if that has not begun, and says in one line what happens; must not
   *     block
   */
  public static List<Route> of(Supplier<String> drain) {
    return List.of(
        new Route(
            "POST",
            "/drain",
            "stops as SIGTERM does: says 503 at /readyz for drain-delay, has clients leave within"
                + " drain-timeout, and ends the process with status 0",
            request -> CompletableFuture.completedFuture(AdminReply.text(202, drain.get()))));
  }
}
