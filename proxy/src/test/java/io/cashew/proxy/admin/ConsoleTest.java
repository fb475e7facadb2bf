package io.cashew.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How the console is served; what it does is in {@link ConsoleInBrowserTest}. */
@Timeout(30)
final class ConsoleTest {
  private static final String RESOURCES = "proxy/src/main/resources/io/cashew/proxy/admin/console";

  private final HttpClient http = HttpClient.newHttpClient();
  private AdminServer admin;

  ConsoleTest() throws IOException {
    admin = serve(AdminGuard.open());
  }

  private static AdminServer serve(AdminGuard guard) throws IOException {
    List<Route> routes = new ArrayList<>(ConsoleRoutes.of());
    routes.add(Route.get("/api/state", "numbers", request -> AdminReply.text(200, "{}")));
    return AdminServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), routes, guard);
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  private HttpResponse<String> ask(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    return String.join("|", response.headers().allValues(name));
  }

  static Set<String> paths() {
    return ConsoleRoutes.PATHS;
  }

  @ParameterizedTest
  @MethodSource("paths")
  void eachFileIsServedWithAStrictPolicy(String path) throws Exception {
    HttpResponse<String> reply = ask("GET", path);
    assertEquals(200, reply.statusCode());
    assertFalse(reply.body().isBlank());
    String policy = header(reply, "content-security-policy");
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self'; "), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    assertTrue(policy.contains("require-trusted-types-for 'script'"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertEquals("nosniff", header(reply, "x-content-type-options"));
    assertEquals("no-referrer", header(reply, "referrer-policy"));
    assertEquals("DENY", header(reply, "x-frame-options"));
  }

  @ParameterizedTest
  @CsvSource({
    "/console, text/html; charset=utf-8",
    "/console/console.css, text/css; charset=utf-8",
    "/console/console.js, text/javascript; charset=utf-8",
    "/console/icon.svg, image/svg+xml"
  })
  void eachKindOfFileHasItsType(String path, String type) throws Exception {
    assertEquals(type, header(ask("GET", path), "content-type"));
  }

  @Test
  void aFileThatTheBrowserHasIsNotSentAgain() throws Exception {
    HttpResponse<String> first = ask("GET", "/console/console.js");
    assertEquals("no-cache", header(first, "cache-control"));
    String tag = header(first, "etag");
    assertTrue(tag.matches("\"[0-9a-f]{16}\""), tag);
    HttpResponse<String> again = ask("GET", "/console/console.js", "If-None-Match", tag);
    assertEquals(304, again.statusCode());
    assertEquals("", again.body());
    assertEquals(tag, header(again, "etag"));
    assertEquals(200, ask("GET", "/console/console.js", "If-None-Match", "\"other\"").statusCode());
  }

  @Test
  void whatIsOfThisMomentIsNotKept() throws Exception {
    assertEquals("no-store", header(ask("GET", "/api/state"), "cache-control"));
  }

  @Test
  void headHasTheHeadersOnly() throws Exception {
    HttpResponse<String> whole = ask("GET", "/console");
    HttpResponse<String> head = ask("HEAD", "/console");
    assertEquals(200, head.statusCode());
    assertEquals("", head.body());
    assertEquals(header(whole, "content-length"), header(head, "content-length"));
    assertEquals(header(whole, "etag"), header(head, "etag"));
  }

  @Test
  void anUnknownFileIs404AndAnotherMethod405() throws Exception {
    assertEquals(404, ask("GET", "/console/other.js").statusCode());
    assertEquals(404, ask("GET", "/console/../console.js").statusCode());
    assertEquals(404, ask("GET", "/console/..%2fpackage-info.class").statusCode());
    assertEquals(405, ask("POST", "/console").statusCode());
  }

  @Test
  void theRootIsThePageWhateverIsAccepted() throws Exception {
    for (String accept : List.of("text/html,*/*;q=0.8", "*/*", "application/json")) {
      HttpResponse<String> root = ask("GET", "/", "Accept", accept);
      HttpResponse<String> page = ask("GET", "/console");
      assertEquals(200, root.statusCode());
      assertEquals("text/html; charset=utf-8", header(root, "content-type"));
      assertTrue(root.body().startsWith("<!doctype html>"), root.body());
      assertTrue(root.body().endsWith("</html>\n"), root.body());
      assertEquals(page.body(), root.body());
      assertEquals(
          header(page, "content-security-policy"), header(root, "content-security-policy"));
    }
  }

  @Test
  void theListOfPathsIsAtHelp() throws Exception {
    HttpResponse<String> help = ask("GET", "/help");
    assertEquals(200, help.statusCode());
    assertEquals("text/plain; charset=utf-8", header(help, "content-type"));
    assertTrue(help.body().contains("GET  / "), help.body());
    assertTrue(help.body().contains("GET  /api/state "), help.body());
    assertFalse(help.body().contains("console.js"), help.body());
  }

  @Test
  void thePageNeedsNoTokenAndWhatItAsksForDoes() throws Exception {
    admin.close();
    admin = serve(AdminGuard.withToken("swordfish"));
    for (String path : ConsoleRoutes.PATHS) {
      assertEquals(200, ask("GET", path).statusCode(), path);
    }
    assertEquals(200, ask("GET", "/help").statusCode());
    assertEquals(401, ask("POST", "/console").statusCode());
    assertEquals(401, ask("GET", "/console/other.js").statusCode());
    assertEquals(401, ask("GET", "/api/state").statusCode());
    assertEquals(200, ask("GET", "/api/state", "Authorization", "Bearer swordfish").statusCode());
  }

  // ---------------------------------------------------------------- the files themselves

  @Test
  void eachResourceIsServedAndNoOther() throws IOException {
    Set<String> resources =
        RepositoryFiles.below(RESOURCES).stream()
            .map(name -> name.substring(RESOURCES.length() + 1))
            .map(name -> name.equals("console.html") ? "/console" : "/console/" + name)
            .collect(Collectors.toCollection(TreeSet::new));
    resources.add("/"); // the page again
    assertEquals(resources, new TreeSet<>(ConsoleRoutes.PATHS));
  }

  /** What would make text into markup or script, or fetch from elsewhere. */
  private static final Pattern FORBIDDEN =
      Pattern.compile(
          "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|new Function"
              + "|https?://(?!www\\.w3\\.org/2000/svg)|@import|\\bstyle=|\\bon[a-z]+=\"");

  @Test
  void noFileMakesMarkupOfTextOrNamesAnotherAddress() throws IOException {
    for (String name : RepositoryFiles.below(RESOURCES)) {
      Matcher found = FORBIDDEN.matcher(RepositoryFiles.text(name));
      assertFalse(found.find(), () -> name + ": " + found.group());
    }
  }

  @Test
  void thePageIsSmall() throws Exception {
    int bytes = 0;
    for (String path : ConsoleRoutes.PATHS) {
      bytes += ask("GET", path).body().getBytes(UTF_8).length;
    }
    assertTrue(bytes < 128 << 10, bytes + " bytes");
  }
}
