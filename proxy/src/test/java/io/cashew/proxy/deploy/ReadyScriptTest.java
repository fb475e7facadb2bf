package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.admin.AdminRoutes;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.Readiness;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.testing.ProgramRun;
import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code bin/cashew-ready}, which health checks run. */
class ReadyScriptTest {

  private record Readied(boolean ready, String reason) implements Readiness {}

  private static String ask(String address) throws IOException, InterruptedException {
    ProgramRun run =
        ProgramRun.of(List.of(RepositoryFiles.path("bin/cashew-ready").toString(), address));
    return run.status() + " " + run.printed();
  }

  private static String askProxy(Readiness readiness) throws IOException, InterruptedException {
    try (MetricsRegistry metrics = new MetricsRegistry(new Build("1", "17", "nio"));
        AdminServer admin =
            AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                AdminRoutes.standard(metrics, readiness))) {
      return ask("127.0.0.1:" + admin.port());
    }
  }

  @Test
  void aProxyThatIsReadyIsStatusZero() throws Exception {
    assertEquals("0 ready", askProxy(new Readied(true, "ready")));
  }

  @Test
  void aProxyThatDrainsIsStatusOneAndSaysWhy() throws Exception {
    assertEquals("1 the proxy is stopping", askProxy(new Readied(false, "the proxy is stopping")));
  }

  @Test
  void nobodyThereIsStatusOne() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    assertEquals(
        "1 nobody listens on the admin address 127.0.0.1:" + port, ask("127.0.0.1:" + port));
  }

  @Test
  void somebodyElseThereIsStatusOne() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      assertEquals("1 no answer of the admin address " + address + " within 2 s", ask(address));
    }
  }
}
