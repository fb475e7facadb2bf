package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.Knocking;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two proxies behind the HAProxy file of the distribution, of which one after the other drains. */
@Timeout(300)
class HaproxyDrainTest {
  private static final int DRAINS = 4;

  private final int front = FreePorts.next();
  private final int[] ports = {FreePorts.next(), FreePorts.next()};
  private final int[] adminPorts = {FreePorts.next(), FreePorts.next()};

  private Path configuration(Path directory, int index, int node) {
    Path file = directory.resolve("cashew" + index + ".conf");
    FileProxy.write(
        file,
        """
        cashew { workers = 1, take-over.socket = off, admin.listen = "127.0.0.1:%d"
          pools.p { listen = "127.0.0.1:%d", timeout = 10s, nodes = ["127.0.0.1:%d"] } }
        """
            .formatted(adminPorts[index], ports[index], node));
    return file;
  }

  /** The file as it is shipped, with other addresses, and a word for each change of a server. */
  private Path haproxy(Path directory) throws Exception {
    String shipped = Files.readString(RepositoryFiles.path("deploy/haproxy/haproxy.cfg"));
    String here =
        shipped
            .replace("maxconn 20000", "maxconn 500\n  log stdout format raw daemon notice")
            .replace("defaults\n", "defaults\n  log global\n  option log-health-checks\n")
            .replace("bind *:6379", "bind 127.0.0.1:" + front)
            .replace("check port 22222 ", "check ")
            .replace("192.0.2.11:22121", "127.0.0.1:" + ports[0] + " port " + adminPorts[0])
            .replace("192.0.2.12:22121", "127.0.0.1:" + ports[1] + " port " + adminPorts[1]);
    assertTrue(here.contains("127.0.0.1:" + ports[1]), here);
    Path file = directory.resolve("haproxy.cfg");
    FileProxy.write(file, here);
    return file;
  }

  private boolean serves(int port) {
    try (RawClient client = new RawClient(port)) {
      return "PONG".equals(client.send("PING"));
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  private static long timesUp(Path log, int server) {
    try {
      return Files.readString(log)
          .lines()
          .filter(line -> line.contains("Server cashew/cashew-" + (server + 1) + " is UP"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void newClientsAndThoseThatStayLoseNothingWhileProxiesDrain(@TempDir Path directory)
      throws Exception {
    InstalledTool tool = InstalledTool.orSkip("haproxy", "haproxy");
    Path log = directory.resolve("haproxy.log");
    ProxyProcess[] proxies = new ProxyProcess[2];
    Process haproxy = null;
    try (RealRedis redis = RealRedis.start()) {
      for (int i = 0; i < 2; i++) {
        proxies[i] = ProxyProcess.serve(configuration(directory, i, redis.port())).awaitReady();
      }
      haproxy = tool.start(log, "-f", haproxy(directory).toString());
      Await.until("HAProxy serves", () -> serves(front));
      try (Knocking clients = Knocking.at(front)) {
        clients.awaitMore();
        for (int drain = 0; drain < DRAINS; drain++) {
          int which = drain % 2;
          proxies[which].signal("TERM");
          assertEquals(0, proxies[which].awaitEnd(), proxies[which].log());
          long before = timesUp(log, which);
          proxies[which] =
              ProxyProcess.serve(directory.resolve("cashew" + which + ".conf")).awaitReady();
          Await.until(
              () -> "HAProxy uses it again: " + readString(log),
              () -> timesUp(log, which) > before);
          clients.awaitMore();
        }
        assertEquals(List.of(), clients.failures());
      }
    } finally {
      if (haproxy != null) {
        haproxy.destroyForcibly().onExit().join();
      }
      for (ProxyProcess proxy : proxies) {
        if (proxy != null) {
          proxy.close();
        }
      }
    }
  }

  private static String readString(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
