package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cashew.proxy.control.CertificateState;
import io.cashew.proxy.control.ConfigStatus;
import io.cashew.proxy.control.ReloadResult;
import io.cashew.proxy.control.Reloads;
import io.cashew.proxy.metrics.TlsState;
import io.cashew.proxy.testing.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What {@code /api/config} says. */
class ConfigRoutesTest {

  /** A configuration that runs, and of which nothing is wrong. */
  private static final Reloads WELL =
      new Reloads() {
        @Override
        public CompletionStage<ReloadResult> reload(String trigger) {
          return new CompletableFuture<>();
        }

        @Override
        public ConfigStatus status() {
          return new ConfigStatus(
              Optional.of("cashew.conf"),
              "d1",
              Optional.of("d1"),
              false,
              Instant.EPOCH,
              Instant.EPOCH,
              "start",
              Optional.empty(),
              List.of(),
              List.of(),
              "");
        }
      };

  @Test
  void aCertificateThatCannotBeUsedIsNamedWithItsFaultAndSinceWhen() throws Exception {
    TlsState clients = new TlsState();
    TlsState nodes = new TlsState();
    List<CertificateState> states =
        List.of(
            new CertificateState("sessions", "clients", clients),
            new CertificateState("sessions", "nodes", nodes));
    clients.failed("'proxy.pem' has no certificate", 1_000);
    try (AdminServer server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            ConfigRoutes.of(WELL, () -> states),
            AdminGuard::open)) {
      List<? extends Config> told = ask(server).getConfigList("certificates");
      assertEquals("sessions", told.get(0).getString("pool"));
      assertEquals("clients", told.get(0).getString("side"));
      assertFalse(told.get(0).getBoolean("usable"));
      assertEquals("'proxy.pem' has no certificate", told.get(0).getString("error"));
      assertEquals("1970-01-01T00:00:01Z", told.get(0).getString("since"));
      assertTrue(told.get(1).getBoolean("usable"));
      clients.works();
      assertTrue(ask(server).getConfigList("certificates").get(0).getBoolean("usable"));
    }
  }

  private static Config ask(AdminServer server) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + "/api/config");
    return ConfigFactory.parseString(
        Await.result(
                HttpClient.newHttpClient()
                    .sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()))
            .body());
  }
}
