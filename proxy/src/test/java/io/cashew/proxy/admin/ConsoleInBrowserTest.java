package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.event.EventLog;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.BrowserPage;
import io.cashew.proxy.testing.Chromium;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console in a real browser, before a real proxy with real nodes and clients. */
@Timeout(180)
final class ConsoleInBrowserTest {
  private static final int WIDTH = 1440;
  private static final int HEIGHT = 1120;
  private static final String HOSTILE = "<img src=x onerror=\"window.broken=1\"><script>";

  /** Counts so far; 60 million take longer than the slow log's threshold on any machine. */
  private static final String SLOW =
      "local x = 0 for i = 1, tonumber(ARGV[1]) do x = x + i end return x";

  private static final int MILLION = 1_000_000;

  private static @Nullable Chromium browser;

  private final Path directory;
  private final List<RealRedis> servers = new ArrayList<>();
  private final int sessions = FreePorts.next();
  private final int cache = FreePorts.next();
  private final EventLog events = new EventLog();
  private final History history = new History();
  private @Nullable FileProxy started;
  private @Nullable AdminServer admin;
  private @Nullable BrowserPage opened;
  private @Nullable Load load;

  ConsoleInBrowserTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeAll
  static void startBrowser() throws IOException {
    browser = Chromium.startOrSkip();
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void start() throws Exception {
    for (int i = 0; i < 5; i++) {
      servers.add(RealRedis.start());
    }
    started = FileProxy.start(directory.resolve("cashew.conf"), config("10s"));
    admin = serve(0, AdminGuard.open());
    if (browser == null) {
      throw new IllegalStateException("no browser, and not skipped");
    }
    opened = browser.open(WIDTH, HEIGHT);
  }

  @AfterEach
  void stop() {
    if (load != null) {
      load.close();
    }
    if (opened != null) {
      opened.close();
    }
    if (admin != null) {
      admin.close();
    }
    if (started != null) {
      started.close();
    }
    servers.forEach(RealRedis::close);
  }

  private String config(String timeout) {
    return """
        cashew { workers = 2, admin.listen = off
          pools.sessions {
            listen = "127.0.0.1:%d", timeout = %s, hash = murmur, hot-keys.sample = 2, slowlog.slower-than = 100ms
            nodes = ["%s:1 alpha", "%s:1 beta", "%s:2 gamma"]
          }
          pools.cache {
            listen = "127.0.0.1:%d", timeout = 1s, eject.enabled = true
            nodes = ["%s:1 red", "%s:1 blue"]
          }
        }
        """
        .formatted(
            sessions,
            timeout,
            servers.get(0).address(),
            servers.get(1).address(),
            servers.get(2).address(),
            cache,
            servers.get(3).address(),
            servers.get(4).address());
  }

  private FileProxy proxy() {
    return Objects.requireNonNull(started);
  }

  private BrowserPage page() {
    return Objects.requireNonNull(opened);
  }

  private AdminServer serve(int port, AdminGuard guard) throws IOException {
    List<Route> routes = new ArrayList<>(ApiRoutes.of(proxy()::view));
    routes.addAll(CacheRoutes.of(proxy()::view));
    routes.addAll(ConfigRoutes.of(proxy().reloader(), List::of));
    routes.addAll(EventRoutes.of(events));
    routes.addAll(HistoryRoutes.of(history));
    routes.addAll(WhereRoutes.of(proxy()::view));
    routes.addAll(ConsoleRoutes.of());
    return AdminServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), routes, guard);
  }

  private String address() {
    return "http://127.0.0.1:" + Objects.requireNonNull(admin).port() + "/";
  }

  /** Opens the page as a person does who knows the address only, and has it look every second. */
  private void open() {
    page().go(address());
    page().awaitSeen("#pools", "sessions");
    page()
        .evaluate(
            "every.value = '1'; every.dispatchEvent(new Event('change'));"
                + " document.getElementById('again').click()");
  }

  private void assertQuiet() {
    assertEquals(List.of(), page().complaints());
  }

  /** Clients that ask for the keys of both pools, one of them often, until it is closed. */
  private static final class Load implements AutoCloseable {
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean over;

    Load(int sessions, int cache) {
      start(sessions, 40, 0.25);
      start(sessions, 25, 0.1);
      start(cache, 15, 0.3);
    }

    private void start(int port, int batch, double hot) {
      Thread thread = new Thread(() -> run(port, batch, hot), "load");
      thread.setDaemon(true);
      clients.add(thread);
      thread.start();
    }

    private void run(int port, int batch, double hot) {
      Random random = new Random(port);
      try (RawClient client = new RawClient(port)) {
        client.send("CLIENT", "SETNAME", "load-" + batch);
        for (int round = 0; !over; round++) {
          int size = (int) (batch * (1.2 + Math.sin(round / 900.0)) * (0.7 + random.nextDouble()));
          for (int i = 0; i < size; i++) {
            client.write(request(random, hot));
          }
          for (int i = 0; i < size; i++) {
            client.read();
          }
          // A pace, not a wait: as fast as it can would leave no processor for the browser.
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(4));
        }
      }
    }

    private static byte[] request(Random random, double hot) {
      double dice = random.nextDouble();
      String key =
          dice < hot
              ? "user:1000:profile"
              : dice < 1.5 * hot ? "front-page" : "k" + random.nextInt(9999);
      return switch (random.nextInt(12)) {
        case 0, 1 -> RawClient.request("SET", key, "v".repeat(random.nextInt(400)));
        case 2 -> RawClient.request("MGET", key, "k1", "k2", "k3");
        case 3 -> RawClient.request("INCR", "counter:" + random.nextInt(20));
        case 4 -> RawClient.request("EXPIRE", key, "100");
        default -> RawClient.request("GET", key);
      };
    }

    @Override
    public void close() {
      over = true;
      for (Thread client : clients) {
        try {
          client.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private void startLoad() {
    load = new Load(sessions, cache);
  }

  /** A script that takes longer than the slow log's threshold. */
  private void sendSlow(String key) {
    sendSlow(key, 60 * MILLION);
  }

  private void sendSlow(String key, int count) {
    try (RawClient client = new RawClient(sessions)) {
      client.send("CLIENT", "SETNAME", "report");
      String script = String.valueOf(client.send("SCRIPT", "LOAD", SLOW));
      client.write(RawClient.request("EVALSHA", script, "1", key, "" + count));
      client.write(RawClient.request("GET", "front-page")); // waits for its turn
      client.read();
      client.read();
    }
  }

  // ---------------------------------------------------------------- what it shows

  @Test
  void poolsNodesRatesKeysAndConfigurationAreShown() {
    sendSlow("monthly");
    open();
    page().awaitSeen("#slow", "monthly");
    page().awaitSeen("#slow", "report");
    startLoad();
    try (RawClient client = new RawClient(sessions)) {
      client.send("SET", "blob", "x".repeat(200_000));
      client.send("NOSUCH");
    }
    page().awaitSeen("#pools", "cache");
    page().awaitSeen("#pools", "3 of 3 up");
    for (String node : List.of("alpha", "beta", "gamma")) {
      page().awaitSeen("#nodes", node);
      page().awaitSeen("#ring", node);
    }
    page().awaitSeen("#nodes", servers.get(0).address());
    page().awaitSeen("#hot", "user:1000:profile");
    page().awaitSeen("#big", "blob");
    page().awaitSeen("#errors", "unknown command");
    page().awaitSeen("#commands", "mget");
    page().awaitSeen("#config", proxy().status().digest());
    page().awaitSeen("#config-state", "in force");
    page().await("document.querySelectorAll('#ring svg .arc').length > 5");
    // Two pictures of the state make a rate, three a line.
    page().await("document.querySelector('.chart .line').getAttribute('d').includes('L')");
    page().await("document.querySelector('#nodes .spark path').getAttribute('d').includes('L')");
    page().await("document.querySelector('.chart .values b').textContent !== '–'");
    page().await("document.getElementById('tiles').innerText.includes('Nodes up\\n5 of 5')");
    assertTrue(page().seen("#ready").contains("ready"));
    assertQuiet();
  }

  @Test
  void aNodeThatIsKilledIsShownDownWithItsErrorUntilItIsBack() {
    startLoad();
    open();
    page().awaitSeen("#nodes", "up");
    RealRedis beta = servers.get(1);
    beta.close();
    String row =
        "[...document.querySelectorAll('#nodes tbody tr')]"
            + ".find((each) => each.innerText.includes('beta')).innerText";
    page().await(row + ".includes('down')");
    page().await(row + ".includes('Connection refused')");
    page().awaitSeen("#pools", "2 of 3 up");
    page().await("document.getElementById('tiles').innerText.includes('Nodes up\\n4 of 5')");
    page().await("document.title.startsWith('(1 down)')");
    page().awaitSeen("#spoken", "Node beta of pool sessions is down");
    servers.set(1, RealRedis.startAt(beta.port()));
    page().await(row + ".includes('up')");
    page().awaitSeen("#pools", "3 of 3 up");
    assertQuiet();
  }

  @Test
  void primariesReplicasAndWhoIsNotBelievedAreShown() {
    open();
    page().awaitSeen("#shards", "alpha");
    page().awaitSeen("#shards", "primary");
    page().awaitSeen("#shards", servers.get(0).address());
    String beta = servers.get(1).address();
    proxy()
        .take(
            config("10s")
                .replace(
                    "\"" + beta + ":1 beta\"",
                    "{ name = beta, addresses = [\""
                        + beta
                        + "\", \""
                        + servers.get(3).address()
                        + "\"] }"));
    page().awaitSeen("#shards", "no primary");
    page().awaitSeen("#shards", "nothing proves which has the data");
    try (RawClient client = servers.get(3).connect()) {
      client.send("REPLICAOF", "127.0.0.1", "" + servers.get(1).port());
    }
    page().await("!document.getElementById('shards').innerText.includes('no primary')");
    page().awaitSeen("#shards", beta);
    page().awaitSeen("#shards", "read-from = primary"); // why a replica is not read from
    try (RawClient client = servers.get(3).connect()) {
      client.send("REPLICAOF", "NO", "ONE");
    }
    page().awaitSeen("#shards", "says primary, too");
    page().awaitSeen("#shards", servers.get(3).address());
    assertQuiet();
  }

  @Test
  void rulesOfACacheAndWhatTheyDoAreShown() {
    String listen = "listen = \"127.0.0.1:%d\", timeout = 10s".formatted(sessions);
    String rules = "cache.rules = [{ match = \"user:*\", near = 1h }, { match = \"lock:*\" }]";
    open();
    page().await("document.getElementById('cache-card').hidden");
    proxy().take(config("10s").replace(listen, listen + ", " + rules));
    page().awaitSeen("#cache", "near = 3600s");
    page().awaitSeen("#cache", "nothing, whatever follows");
    try (RawClient client = new RawClient(sessions)) {
      client.send("SET", "user:1", "v");
      for (int i = 0; i < 2000; i++) {
        client.send("GET", "user:1");
      }
    }
    page().awaitSeen("#cache", "given");
    page().awaitSeen("#cache-facts", "64.0 MiB kept");
    page().await("/(9\\d\\.\\d|100\\.0)\\s%/.test(document.getElementById('cache').innerText)");
    page().await("/\\d+ min/.test(document.getElementById('hot').innerText)");
    assertQuiet();
  }

  @Test
  void whatTheProxyHasKeptIsThereAtOnceWithWhatHasHappenedMarkedOnIt() {
    long now = System.currentTimeMillis();
    long[] latency = new long[19];
    for (int i = 0; i <= 60; i++) {
      latency[3] = 100L * i;
      history.add(
          Map.of("sessions", new History.Counts(1000L * i, 0, 0, 0, 0, latency.clone(), 1, 0)),
          now - 5000L * (60 - i),
          TimeUnit.SECONDS.toNanos(5L * i + 1));
    }
    events.add(now - 100_000, "WARN", "node-down", "sessions", "beta", -1, "node beta is down");
    events.add(now - 90_000, "INFO", "reloaded", "", "", -1, "another file");
    events.add(now - 80_000, "INFO", "reloaded", "cache", "", -1, "of another pool");
    open();
    page().await("document.querySelector('.chart .line').getAttribute('d').split('L').length > 50");
    page().await("document.querySelector('.chart .events').children.length === 2");
    page()
        .await(
            "document.querySelector('.chart .event.trouble title').textContent"
                + " === 'node-down: node beta is down'");
    page().awaitSeen("#events", "node beta is down");
    page()
        .evaluate(
            "filter = document.getElementById('events-filter'); filter.value = 'reloaded';"
                + " filter.dispatchEvent(new Event('input'))");
    page().await("!document.getElementById('events').innerText.includes('beta')");
    page().awaitSeen("#events", "another file");
    assertQuiet();
  }

  @Test
  void aNodeThatIsEjectedIsShownSo() {
    startLoad();
    page().go(address() + "console#pool=cache");
    page().awaitSeen("#nodes", "red");
    servers.get(3).close();
    page().awaitSeen("#nodes", "ejected");
    page().awaitSeen("#pools", "1 of 2 up");
    assertQuiet();
  }

  @Test
  void whatAFileThatIsWrongSaysIsShown() {
    open();
    page().awaitSeen("#config-state", "in force");
    proxy().reload(config("soon"));
    page().awaitSeen("#config-state", "the last reload failed");
    page().awaitSeen("#problems", "pools.sessions.timeout");
    page().awaitSeen("#problems", "cashew.conf:3");
    proxy().reload(config("20s").replace("100ms", "10s"));
    page().awaitSeen("#config-state", "waits for a restart");
    page().awaitSeen("#restart-list", "slowlog.slower-than");
    proxy().reload(config("20s"));
    page().awaitSeen("#config-state", "in force");
    page().await("document.getElementById('problems').hidden");
    assertQuiet();
  }

  @Test
  void markupInKeysAndNamesIsTextAndRunsNothing() {
    open();
    try (RawClient client = new RawClient(sessions)) {
      client.send("CLIENT", "SETNAME", "<b>name</b>");
      client.send("EVAL", SLOW, "1", HOSTILE, "" + 60 * MILLION);
      client.send("SET", HOSTILE, "x".repeat(200_000));
      for (int i = 0; i < 2000; i++) {
        client.send("GET", HOSTILE);
      }
    }
    for (String place : List.of("#hot", "#big", "#slow")) {
      page().awaitSeen(place, "<img src=x onerror=\\\"window.broken=1\\\"><script>");
    }
    page().awaitSeen("#slow", "<b>name</b>");
    assertEquals(
        0, page().evaluate("document.querySelectorAll('main img, main script, main b b').length"));
    assertEquals("undefined", page().text("typeof window.broken"));
    assertQuiet();
    // And if the page had a fault here, the browser would refuse.
    page()
        .await(
            "(() => { try { document.body.innerHTML = ''; return false } catch { return true } })()");
  }

  // ---------------------------------------------------------------- how it behaves

  @Test
  void aProxyThatIsGoneIsSaidAndFoundAgain() throws IOException {
    open();
    int port = Objects.requireNonNull(admin).port();
    admin.close();
    page().awaitSeen("#alarm", "The proxy does not answer: it cannot be connected to.");
    page().await("document.title.startsWith('(unreachable)')");
    page().awaitSeen("#pools", "sessions");
    admin = serve(port, AdminGuard.open());
    page().evaluate("document.getElementById('again').click()");
    page().await("document.getElementById('alarm').hidden");
    page().await("!document.body.classList.contains('stale')");
  }

  @Test
  void aPageThatNobodyLooksAtAsksNothing() {
    page()
        .before(
            """
            window.pending = new Set();
            const set = window.setTimeout, clear = window.clearTimeout;
            window.setTimeout = (task, millis) => {
              const id = set(() => { window.pending.delete(id); task() }, millis);
              window.pending.add(id);
              return id;
            };
            window.clearTimeout = (id) => { window.pending.delete(id); clear(id) };
            window.asked = 0;
            const ask = window.fetch;
            window.fetch = (...all) => { window.asked++; return ask(...all) };
            """);
    open();
    page().await("pending.size === 1");
    hide(true);
    assertEquals(0, page().evaluate("pending.size"));
    int asked = (Integer) Objects.requireNonNull(page().evaluate("window.asked"));
    hide(false);
    page().await("window.asked > " + asked);
    page().await("pending.size === 1");
    page().evaluate("document.getElementById('pause').click()");
    assertEquals(0, page().evaluate("pending.size"));
    hide(true);
    hide(false);
    assertEquals(0, page().evaluate("pending.size"));
    page().evaluate("document.getElementById('pause').click()");
    page().await("pending.size === 1");
    assertQuiet();
  }

  private void hide(boolean hidden) {
    page()
        .evaluate(
            "Object.defineProperty(document, 'hidden', { configurable: true, value: "
                + hidden
                + " }); document.dispatchEvent(new Event('visibilitychange'))");
  }

  @Test
  void aTokenIsAskedForKeptInTheTabAndForgotten() throws IOException {
    Objects.requireNonNull(admin).close();
    admin = serve(0, AdminGuard.withToken("swordfish"));
    page().go(address());
    page().await("document.activeElement?.id === 'token'");
    assertFalse(page().seen("body").contains("sessions"));
    page().type("sword");
    page().press("Enter");
    page().awaitSeen("#ask-error", "The token was refused.");
    page().await("document.activeElement.id === 'token'");
    page().type("swordfish");
    page().press("Enter");
    page().awaitSeen("#pools", "sessions");
    page().go("about:blank");
    page().go(address());
    page().awaitSeen("#pools", "sessions");
    assertEquals("", page().text("location.search"));
    page().await("!document.getElementById('forget').hidden");
    page().evaluate("void setTimeout(() => document.getElementById('forget').click())");
    page().await("document.activeElement?.id === 'token'");
    assertEquals(0, page().evaluate("sessionStorage.length"));
  }

  // ---------------------------------------------------------------- keyboard and eyes

  @Test
  void theKeyboardReachesEveryControlAndShowsWhereItIs() {
    sendSlow("monthly");
    open();
    page().awaitSeen("#slow", "monthly");
    startLoad();
    page().awaitSeen("#hot", "user:1000:profile");
    page().evaluate("document.getElementById('pause').click()"); // nothing comes in between
    List<String> controls = new ArrayList<>();
    String visible =
        "[...document.querySelectorAll('a[href], button, select, input, summary, [tabindex=\"0\"]')]"
            + ".filter((each) => each.checkVisibility())";
    page().evaluate(visible + ".forEach((each, i) => { each.dataset.place = i })");
    int count = (Integer) Objects.requireNonNull(page().evaluate(visible + ".length"));
    page().evaluate("document.activeElement.blur(); window.scrollTo(0, 0)");
    page().evaluate("document.querySelector('.skip').focus()");
    for (int i = 0; i < count; i++) {
      controls.add(page().text("document.activeElement.dataset.place"));
      assertTrue(
          Boolean.TRUE.equals(
              page().evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")),
          page().text("document.activeElement.outerHTML"));
      page().press("Tab");
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add("" + i);
    }
    assertEquals(all, controls);
    assertTrue(count > 15, "controls: " + count);

    page().evaluate("document.querySelector('.skip').focus()");
    page().press("Enter");
    assertEquals("main", page().text("document.activeElement.id"));
    page().press("Tab");
    page().press("Tab");
    assertEquals("sessions", page().text("document.activeElement.textContent"));
    page().press("Tab");
    page().press(" ");
    assertEquals("cache", page().text("document.activeElement.textContent"));
    assertEquals("true", page().text("document.activeElement.getAttribute('aria-pressed')"));
    page().awaitSeen("#nodes", "red");
    page().press("Tab");
    assertEquals("img", page().text("document.activeElement.getAttribute('role')"));
    page().press("ArrowLeft");
    page().awaitSeen("#spoken", "Requests a second, ");
    page().press("Escape");
    assertQuiet();
  }

  @Test
  void everyControlAndPictureHasAName() {
    sendSlow("monthly");
    open();
    page().awaitSeen("#slow", "monthly");
    startLoad();
    page().awaitSeen("#hot", "user:1000:profile");
    assertEquals(
        "",
        page()
            .text(
                """
                [...document.querySelectorAll('button, select, input, svg, img, table, [role=region]')]
                  .filter((each) => each.checkVisibility())
                  .filter((each) => each.getAttribute('aria-hidden') !== 'true'
                      && each.getAttribute('alt') !== ''
                      && !each.getAttribute('aria-label')
                      && !(each.labels?.length > 0)
                      && !each.textContent.trim())
                  .map((each) => each.outerHTML).join('\\n')
                """));
    assertEquals(1, page().evaluate("document.querySelectorAll('h1').length"));
    assertEquals("en", page().text("document.documentElement.lang"));
  }

  /** WCAG 2.2, 1.4.3: 4.5 between text and what is behind it. */
  private static final String FAINT =
      """
      (() => {
        const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b]
          .map((c) => c / 255)
          .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
          .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = (node) => {
          for (let at = node; at; at = at.parentElement) {
            const colour = numbers(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
          }
          return [255, 255, 255];
        };
        const faint = [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
          const node = walk.currentNode.parentElement;
          if (!walk.currentNode.data.trim() || !node.checkVisibility()) continue;
          const style = getComputedStyle(node);
          const front = light(numbers(node.namespaceURI.endsWith('svg') ? style.fill : style.color));
          const back = light(behind(node));
          const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
          if (contrast < 4.5) faint.push(`${walk.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
        }
        return faint.join('\\n');
      })()
      """;

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void textCanBeReadInBothSchemesAndOnANarrowScreen(String scheme) {
    page().scheme(scheme);
    sendSlow("monthly");
    servers.get(1).close();
    open();
    page().awaitSeen("#slow", "monthly");
    startLoad();
    page().awaitSeen("#nodes", "down");
    page().awaitSeen("#hot", "user:1000:profile");
    assertEquals("", page().text(FAINT));
    String ground = page().text("getComputedStyle(document.body).backgroundColor");
    assertEquals(scheme.equals("dark") ? "rgb(16, 20, 27)" : "rgb(244, 245, 247)", ground);
    for (int width : new int[] {1920, 1000, 700, 360}) {
      page().size(width, 900);
      assertEquals(
          width, page().evaluate("document.documentElement.scrollWidth"), "wider than the window");
    }
    assertQuiet();
  }

  // ---------------------------------------------------------------- the picture of the documents

  @Test
  void thePictureOfTheDocumentsIsThereAndSmall() throws IOException {
    if (Boolean.getBoolean("cashew.write")) {
      takePictures();
    }
    for (String name : List.of("docs/console.png", "docs/console-dark.png")) {
      byte[] picture = Files.readAllBytes(RepositoryFiles.path(name));
      assertEquals("PNG", new String(picture, 1, 3, java.nio.charset.StandardCharsets.US_ASCII));
      assertTrue(picture.length < 300 << 10, name + " has " + picture.length + " bytes");
    }
  }

  private void takePictures() throws IOException {
    // What takes a tenth of a second because the machine has other things to do is no example.
    Objects.requireNonNull(admin).close();
    proxy().close();
    String slower = config("10s").replace("100ms", "1s");
    started = FileProxy.start(directory.resolve("cashew.conf"), slower);
    admin = serve(0, AdminGuard.open());
    for (int i = 1; i <= 4; i++) {
      sendSlow("report:2024-0" + i, (250 + 60 * i) * MILLION);
    }
    proxy().take(slower.replace("slower-than = 1s", "slower-than = 10s")); // needs a restart
    startLoad();
    open();
    try (RawClient client = new RawClient(sessions)) {
      client.send("SET", "export:csv", "x".repeat(2_000_000));
      client.send("SET", "avatar:17", "x".repeat(150_000));
    }
    Await.until("the first half", () -> samples(25));
    servers.get(1).close();
    page().awaitSeen("#nodes", "down");
    Await.until("the second half", () -> samples(45));
    page().evaluate("document.getElementById('pause').click()");
    String bottom = ".getBoundingClientRect().bottom";
    page().size(WIDTH, whole("document.querySelector('.thirds')" + bottom + " + 20"));
    Files.write(RepositoryFiles.path("docs/console.png"), page().picture());
    page().scheme("dark");
    String top = "document.querySelector('.halves').getBoundingClientRect().top";
    page().size(WIDTH, whole("document.body" + bottom + " - " + top + " + 56"));
    page().evaluate("window.scrollTo(0, document.body.scrollHeight)");
    Files.write(RepositoryFiles.path("docs/console-dark.png"), page().picture());
  }

  private int whole(String expression) {
    return (Integer) Objects.requireNonNull(page().evaluate("Math.round(" + expression + ")"));
  }

  private boolean samples(int count) {
    String line = page().text("document.querySelector('.chart .line').getAttribute('d')");
    return line.chars().filter(each -> each == 'L').count() >= count;
  }
}
