package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.PoolRecorder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of the admin address see, over real sockets. */
@Timeout(30)
class AdminServerTest {

  private static final String HELLO = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

  private final MetricsRegistry metrics = new MetricsRegistry(new Build("1.2.3", "17", "nio"));
  private final SwitchedReadiness readiness = new SwitchedReadiness();
  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable AdminServer started;

  /** Ready or not, as the test says. */
  private static final class SwitchedReadiness implements Readiness {
    private volatile String reason = "";

    @Override
    public boolean ready() {
      return reason.isEmpty();
    }

    @Override
    public String reason() {
      return ready() ? "ready" : reason;
    }
  }

  @AfterEach
  void stop() {
    if (started != null) {
      started.close();
    }
    metrics.close();
  }

  private int standard() throws IOException {
    return serve(AdminLimits.DEFAULT, AdminRoutes.standard(metrics, readiness));
  }

  private int serve(AdminLimits limits, List<Route> routes) throws IOException {
    AdminServer server = AdminServer.start(loopback(0), routes, AdminGuard.open(), limits);
    started = server;
    return server.port();
  }

  private int serve(AdminGuard guard, Route... routes) throws IOException {
    AdminServer server = AdminServer.start(loopback(0), List.of(routes), guard);
    started = server;
    return server.port();
  }

  private static Route change() {
    return new Route(
        "POST",
        "/change",
        "changes something",
        request -> CompletableFuture.completedFuture(AdminReply.text(200, "changed")));
  }

  private int status(int port, String path, String... headers) throws Exception {
    HttpRequest.Builder builder = request(port, path);
    if (headers.length > 0) {
      builder.headers(headers);
    }
    if (path.equals("/change")) {
      builder.POST(HttpRequest.BodyPublishers.noBody());
    }
    return http.send(builder.build(), BodyHandlers.ofString()).statusCode();
  }

  @Test
  void tokenIsAskedForButForHealth() throws Exception {
    int port =
        serve(
            AdminGuard.withToken("swordfish"),
            hello(),
            change(),
            Route.get("/healthz", "health", request -> AdminReply.text(200, "ok")));
    assertEquals(200, status(port, "/healthz"));
    assertEquals(401, status(port, "/hello"));
    assertEquals("Bearer", header(get(port, "/hello"), "www-authenticate"));
    assertEquals(401, status(port, "/nothing"));
    assertEquals(401, status(port, "/hello", "Authorization", "Bearer sword"));
    assertEquals(401, status(port, "/hello", "Authorization", "swordfish"));
    assertEquals(200, status(port, "/hello", "Authorization", "Bearer swordfish"));
    assertEquals(200, status(port, "/change", "Authorization", "Bearer swordfish"));
  }

  @Test
  void pageOfTheWebChangesNothing() throws Exception {
    int port = serve(hello(), change());
    assertEquals(200, status(port, "/change"), "no browser");
    assertEquals(200, status(port, "/change", "Origin", "http://127.0.0.1:" + port));
    assertEquals(403, status(port, "/change", "Origin", "http://evil.example"));
    assertEquals(403, status(port, "/change", "Origin", "null"));
    assertEquals(403, status(port, "/change", "Sec-Fetch-Site", "cross-site"));
    assertEquals(200, status(port, "/hello", "Origin", "http://evil.example"));
  }

  @Test
  void nameThatWasPointedHereChangesNothing() throws Exception {
    int port = serve(change());
    try (RawClient client = new RawClient(port)) {
      String host = "evil.example:80";
      client.send(
          String.join(
              "\r\n",
              "POST /change HTTP/1.1",
              "Host: " + host,
              "Origin: http://" + host,
              "Content-Length: 0",
              "",
              ""));
      assertTrue(client.head().startsWith("HTTP/1.1 403"));
    }
  }

  private int serve(Route... routes) throws IOException {
    return serve(AdminLimits.DEFAULT, List.of(routes));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static Route hello() {
    return Route.get("/hello", "greets", request -> AdminReply.text(200, "hello"));
  }

  private static AdminLimits limits(int connections, long timeoutMillis) {
    return new AdminLimits(connections, 4096, 8192, 65_536, timeoutMillis);
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(
        URI.create(
            "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port + path));
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    return http.send(request(port, path).build(), BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    return String.join("|", response.headers().allValues(name));
  }

  @Test
  void metricsAreTextUnlessOpenMetricsIsAskedFor() throws Exception {
    PoolRecorder recorder = new PoolRecorder();
    recorder.requests = 42;
    metrics.addPool("sessions", 0, recorder);
    int port = standard();

    HttpResponse<String> text = get(port, "/metrics");
    assertEquals(200, text.statusCode());
    assertEquals("text/plain; version=0.0.4; charset=utf-8", header(text, "content-type"));
    assertTrue(text.body().contains("cashew_requests_total{pool=\"sessions\"} 42.0\n"));

    HttpResponse<String> open =
        http.send(
            request(port, "/metrics")
                .header("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1")
                .build(),
            BodyHandlers.ofString());
    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8", header(open, "content-type"));
    assertTrue(open.body().endsWith("# EOF\n"));
  }

  @Test
  void healthIsOkWhileReadinessFollowsTheProxyAndSaysWhy() throws Exception {
    int port = standard();
    assertEquals(200, get(port, "/readyz").statusCode());
    assertEquals("ready\n", get(port, "/readyz").body());
    readiness.reason = "pool 'sessions' is being drained";
    assertEquals(503, get(port, "/readyz").statusCode());
    assertEquals("pool 'sessions' is being drained\n", get(port, "/readyz").body());
    assertEquals(200, get(port, "/healthz").statusCode());
  }

  @Test
  void theIndexListsEveryRow() throws Exception {
    int port = standard();
    String index = get(port, "/help").body();
    for (Route route : AdminRoutes.standard(metrics, readiness)) {
      assertTrue(index.contains(route.path()), index);
      assertTrue(index.contains(route.help()), index);
    }
  }

  @Test
  void anUnknownPathIs404WithTheListOfPaths() throws Exception {
    int port = standard();
    HttpResponse<String> response = get(port, "/metric");
    assertEquals(404, response.statusCode());
    assertTrue(response.body().contains("/metrics"), response.body());
    assertTrue(response.body().contains("/readyz"), response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "DELETE", "OPTIONS"})
  void anotherMethodIs405WithTheAllowedOnes(String method) throws Exception {
    int port = standard();
    HttpResponse<String> response =
        http.send(
            request(port, "/metrics").method(method, HttpRequest.BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertEquals(405, response.statusCode());
    assertEquals("GET, HEAD", header(response, "allow"));
  }

  @Test
  void headIsGetWithoutTheBody() throws Exception {
    int port = serve(hello());
    try (RawClient client = new RawClient(port)) {
      client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      String head = client.head();
      assertTrue(head.startsWith("HTTP/1.1 200 "), head);
      assertTrue(head.contains("\r\ncontent-length: 6\r\n"), head);
      assertEquals(0, client.bytesUntilClosed());
    }
  }

  @Test
  void aQueryDoesNotHideThePathAndReachesTheHandlerDecoded() throws Exception {
    int port =
        serve(
            Route.get(
                "/echo",
                "parameters",
                request -> AdminReply.text(200, request.path() + request.parameters("a"))));
    assertEquals("/echo[1, x y]\n", get(port, "/e%63ho?a=1&b=2&a=x%20y").body());
    assertEquals("/echo[]\n", get(port, "/echo").body());
  }

  @Test
  void aBodyReachesTheHandlerOfItsMethod() throws Exception {
    int port =
        serve(
            new Route(
                "POST",
                "/reload",
                "reads the configuration again",
                request ->
                    CompletableFuture.completedFuture(
                        AdminReply.of(
                            202,
                            "application/json",
                            ("{\"got\":\""
                                    + new String(request.body(), StandardCharsets.UTF_8)
                                    + "\"}")
                                .getBytes(StandardCharsets.UTF_8)))));
    HttpResponse<String> response =
        http.send(
            request(port, "/reload").POST(HttpRequest.BodyPublishers.ofString("now")).build(),
            BodyHandlers.ofString());
    assertEquals(202, response.statusCode());
    assertEquals("application/json", header(response, "content-type"));
    assertEquals("{\"got\":\"now\"}", response.body());
    HttpResponse<String> wrong = get(port, "/reload");
    assertEquals(405, wrong.statusCode());
    assertEquals("POST", header(wrong, "allow"));
  }

  @Test
  void aFailingHandlerIs500WithOneLineAndTheConnectionStays() throws Exception {
    int port =
        serve(
            hello(),
            Route.get(
                "/throws",
                "fails",
                request -> {
                  throw new IOException("disk\nis gone");
                }),
            new Route(
                "GET",
                "/later",
                "fails later",
                request ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          throw new IllegalStateException("no file");
                        })));
    try (RawClient client = new RawClient(port)) {
      String first = client.send(HELLO.replace("/hello", "/throws")).reply();
      assertTrue(first.startsWith("HTTP/1.1 500 "), first);
      assertTrue(first.endsWith("\r\n\r\nGET /throws failed: disk is gone\n"), first);
      String second = client.send(HELLO.replace("/hello", "/later")).reply();
      assertTrue(second.startsWith("HTTP/1.1 500 "), second);
      assertTrue(second.endsWith("\r\n\r\nGET /later failed: no file\n"), second);
      assertTrue(client.send(HELLO).reply().endsWith("hello\n"));
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredOneAfterAnotherEvenIfTheFirstTakesLonger() throws Exception {
    CompletableFuture<AdminReply> slow = new CompletableFuture<>();
    AtomicInteger greeted = new AtomicInteger();
    int port =
        serve(
            new Route("GET", "/slow", "answers when told", request -> slow),
            Route.get(
                "/hello",
                "counts",
                request -> AdminReply.text(200, "hello " + greeted.incrementAndGet())));
    try (RawClient pipelining = new RawClient(port);
        RawClient other = new RawClient(port)) {
      pipelining.send(HELLO.replace("/hello", "/slow") + HELLO + HELLO);
      // Other connections do not wait, and nothing behind the slow one has been begun.
      assertTrue(other.send(HELLO).reply().endsWith("hello 1\n"));
      slow.complete(AdminReply.text(200, "slow"));
      assertTrue(pipelining.reply().endsWith("slow\n"));
      assertTrue(pipelining.reply().endsWith("hello 2\n"));
      assertTrue(pipelining.reply().endsWith("hello 3\n"));
    }
  }

  @Test
  void handlersRunOnTheAdminThread() throws Exception {
    int port =
        serve(
            Route.get(
                "/thread",
                "its name",
                r -> AdminReply.text(200, Thread.currentThread().getName())));
    assertEquals("cashew-admin\n", get(port, "/thread").body());
  }

  @Test
  void connectionsAreKeptUnlessTheClientSaysOtherwise() throws Exception {
    int port = serve(hello());
    try (RawClient client = new RawClient(port)) {
      assertTrue(client.send(HELLO).reply().endsWith("hello\n"));
      assertTrue(client.send(HELLO).reply().endsWith("hello\n"));
      client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertTrue(client.reply().endsWith("hello\n"));
      assertEquals(0, client.bytesUntilClosed());
    }
    try (RawClient old = new RawClient(port)) {
      assertTrue(old.send("GET /hello HTTP/1.0\r\n\r\n").reply().endsWith("hello\n"));
      assertEquals(0, old.bytesUntilClosed());
    }
  }

  @Test
  void aRequestIsTheSameHoweverItsBytesAreCut() throws Exception {
    int port = serve(hello());
    try (RawClient client = new RawClient(port)) {
      for (int cut = 1; cut < HELLO.length(); cut++) {
        client.send(HELLO.substring(0, cut)).send(HELLO.substring(cut));
        assertTrue(client.reply().endsWith("hello\n"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | GARBAGE",
        "400 | GET /%zz HTTP/1.1",
        "400 | GET /hello?a=%z HTTP/1.1",
        "400 | GET /hello HTTP",
        "400 | *1",
      })
  void aBadRequestIs400AndCloses(int status, String line) throws Exception {
    int port = serve(hello());
    try (RawClient client = new RawClient(port)) {
      String reply = client.send(line + "\r\nHost: a\r\n\r\n").reply();
      assertTrue(reply.startsWith("HTTP/1.1 " + status + " "), reply);
      assertTrue(reply.contains("bad request: "), reply);
      assertEquals(0, client.bytesUntilClosed());
    }
    assertEquals(200, get(port, "/hello").statusCode());
  }

  @Test
  void linesHeadersAndBodiesHaveLimits() throws Exception {
    int port = serve(hello());
    String line = "GET /" + "a".repeat(5_000) + " HTTP/1.1\r\n\r\n";
    String headers = "GET /hello HTTP/1.1\r\nX: " + "a".repeat(9_000) + "\r\n\r\n";
    String body = "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n";
    String expecting = body.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    for (String[] bad :
        new String[][] {{"414", line}, {"431", headers}, {"413", body}, {"413", expecting}}) {
      try (RawClient client = new RawClient(port)) {
        String reply = client.send(bad[1]).reply();
        assertTrue(reply.startsWith("HTTP/1.1 " + bad[0] + " "), reply);
      }
    }
    assertEquals(200, get(port, "/hello").statusCode());
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    int port = serve(limits(64, 100), List.of(hello()));
    try (RawClient silent = new RawClient(port)) {
      assertEquals(0, silent.bytesUntilClosed());
    }
    try (RawClient once = new RawClient(port)) {
      String reply = once.send(HELLO).reply();
      assertTrue(reply.endsWith("hello\n"), reply);
      assertEquals(0, once.bytesUntilClosed());
    }
  }

  @Test
  void aRequestThatNeverEndsIsClosedHoweverManyBytesCome() throws Exception {
    int port = serve(limits(64, 200), List.of(hello()));
    try (RawClient dribbling = new RawClient(port)) {
      dribbling.send("GET /hello HTTP/1.1\r\nX: ");
      dribbling.dribbleUntilClosed('a');
    }
    assertEquals(200, get(port, "/hello").statusCode());
  }

  @Test
  void oneConnectionMoreThanTheLimitIs503AndTheOthersGoOn() throws Exception {
    int port = serve(limits(2, 10_000), List.of(hello()));
    try (RawClient first = new RawClient(port);
        RawClient second = new RawClient(port)) {
      first.send(HELLO).reply();
      second.send(HELLO).reply();
      try (RawClient third = new RawClient(port)) {
        String reply = third.reply();
        assertTrue(reply.startsWith("HTTP/1.1 503 "), reply);
        assertEquals(0, third.bytesUntilClosed());
      }
      assertTrue(first.send(HELLO).reply().endsWith("hello\n"));
      assertTrue(second.send(HELLO).reply().endsWith("hello\n"));
    }
    awaitFreeConnection(port);
  }

  @Test
  void aClientThatDoesNotTakeItsReplyIsClosed() throws Exception {
    int length = 64 << 20;
    Route big = Route.get("/big", "64 MB", request -> AdminReply.of(200, "x/y", new byte[length]));
    int port = serve(limits(1, 200), List.of(hello(), big));
    try (RawClient slow = new RawClient(port)) {
      slow.send(HELLO.replace("/hello", "/big"));
      awaitFreeConnection(port);
      assertTrue(slow.bytesUntilClosed() < length);
    }
  }

  /** Tries until a connection is not one too many; the time-out of the class ends it. */
  private static void awaitFreeConnection(int port) throws IOException {
    boolean free = false;
    while (!free) {
      try (RawClient client = new RawClient(port)) {
        free = client.send(HELLO).reply().startsWith("HTTP/1.1 200 ");
      } catch (IOException closedBeforeItsRequestWasRead) {
        free = false;
      }
    }
  }

  @Test
  void anAddressInUseIsAnErrorThatNamesIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      IOException refused =
          assertThrows(
              IOException.class,
              () -> AdminServer.start(loopback(taken.getLocalPort()), List.of(hello())));
      assertTrue(refused.toString().contains(":" + taken.getLocalPort()), refused.toString());
      assertTrue(refused.toString().contains("admin.listen"), refused.toString());
    }
    assertNoAdminThread();
  }

  @Test
  void aNameWithoutAnAddressIsAnErrorThatNamesIt() {
    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                AdminServer.start(
                    InetSocketAddress.createUnresolved("no.such.host.invalid", 1), List.of()));
    assertTrue(refused.toString().contains("no.such.host.invalid:1"), refused.toString());
  }

  @Test
  void closingEndsConnectionsListenerAndThread() throws Exception {
    AdminServer server = AdminServer.start(loopback(0), List.of(hello()));
    int port = server.port();
    try (RawClient client = new RawClient(port)) {
      client.send(HELLO).reply();
      server.close();
      assertEquals(0, client.bytesUntilClosed());
    }
    assertThrows(IOException.class, () -> new RawClient(port).close());
    assertNoAdminThread();
    server.close();
  }

  private static void assertNoAdminThread() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("cashew-admin")) {
        thread.join(10_000);
        assertFalse(thread.isAlive());
      }
    }
  }

  @Test
  void twoRowsForOneMethodAndPathAreRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> AdminServer.start(loopback(0), List.of(hello(), hello())));
    assertTrue(refused.toString().contains("GET /hello"), refused.toString());
  }

  @Test
  void aReplyThatIsNoLastReplyIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> AdminReply.text(100, "continue"));
  }
}
