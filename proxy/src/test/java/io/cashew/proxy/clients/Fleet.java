package io.cashew.proxy.clients;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;

/** Real nodes and a proxy in front of them, whose workers are two: clients meet on both. */
final class Fleet implements AutoCloseable {
  private final List<RealRedis> nodes = new ArrayList<>();
  private final List<RawClient> controls = new ArrayList<>();
  private TestProxy proxy;

  Fleet(int count) {
    for (int i = 0; i < count; i++) {
      RealRedis node = RealRedis.start();
      nodes.add(node);
      controls.add(node.connect());
    }
    proxy = start(0);
  }

  private TestProxy start(int port) {
    TestProxy.Builder builder = new TestProxy.Builder().workers(2).listen(port);
    nodes.forEach(node -> builder.node(node.port()));
    return builder.start();
  }

  int port() {
    return proxy.port();
  }

  String uri() {
    return "redis://127.0.0.1:" + port();
  }

  RawClient connect() {
    return proxy.connect();
  }

  /** Ends the proxy, and all connections to it, and starts another at the same address. */
  void restartProxy() {
    int port = proxy.port();
    proxy.close();
    proxy = start(port);
  }

  /** Waits until so many clients block on the nodes. */
  void awaitBlocked(int clients) {
    Await.until(clients + " clients block", () -> blocked() >= clients);
  }

  private int blocked() {
    int sum = 0;
    for (RawClient control : controls) {
      String text = String.valueOf(control.send("INFO", "clients"));
      int start = text.indexOf("blocked_clients:") + "blocked_clients:".length();
      sum += Integer.parseInt(text.substring(start, text.indexOf('\r', start)));
    }
    return sum;
  }

  @Override
  public void close() {
    proxy.close();
    controls.forEach(RawClient::close);
    nodes.forEach(RealRedis::close);
  }
}
