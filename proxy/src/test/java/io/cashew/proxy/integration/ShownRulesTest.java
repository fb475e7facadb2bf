package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.RuleRoutes;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /api/rule} says of keys. */
final class ShownRulesTest {
  @TempDir Path directory;

  private static HttpResponse<String> get(AdminServer admin, String query)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + admin.port() + "/api/rule" + query);
    return Await.result(
        HttpClient.newHttpClient()
            .sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()));
  }

  @Test
  void theRuleOfAKeyAndWhatItDoesAreShownAsTheyAreNow() throws Exception {
    String file =
        """
        cashew.admin.listen = off
        cashew.workers = 1
        cashew.pools.p { listen = "127.0.0.1:%d", nodes = [ "127.0.0.1:%d" ]
          cache.rules = [ { match = "sale:*", rate = %s, redelete = [2s] } ] }
        """;
    int port = FreePorts.next();
    int node = FreePorts.next();
    try (FileProxy proxy =
            FileProxy.start(directory.resolve("cashew.conf"), file.formatted(port, node, "50/s"));
        AdminServer admin =
            AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                RuleRoutes.of(proxy::view),
                AdminGuard.open())) {
      String rate =
          "{\"setting\":\"rate\",\"value\":\"50/s\",\"commands\":[],\"what\":"
              + "\"above so many for all keys of the rule together: -RATELIMITED\"}";
      assertEquals(
          "{\"pools\":[{\"name\":\"p\",\"keys\":[{\"key\":\"sale:1\",\"rule\":\"sale:*\",\"effects\":["
              + rate
              + "]},{\"key\":\"x\",\"rule\":null,\"effects\":[]}]}]}\n",
          get(admin, "?pool=p&key=sale:1&key=x&command=GET").body());
      assertEquals("{\"pools\":[]}\n", get(admin, "?pool=q&key=x").body());
      assertEquals(400, get(admin, "").statusCode());
      proxy.take(file.formatted(port, node, "70/s"));
      assertTrue(get(admin, "?key=sale:1").body().contains("\"value\":\"70/s\""));
    }
  }
}
