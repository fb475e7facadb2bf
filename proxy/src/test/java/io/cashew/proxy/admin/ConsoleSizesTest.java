package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.event.EventLog;
import io.cashew.proxy.metrics.ActionCounts;
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
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console before few and many nodes, on narrow and wide screens, and what it can do. */
@Timeout(180)
final class ConsoleSizesTest {
  private static final int[] WIDTHS = {360, 1280, 2560};
  private static final String ROWS = "[...document.querySelectorAll('#nodes tbody tr')]";

  private static @Nullable Chromium browser;

  private final RealRedis redis = RealRedis.start();
  private final Path directory;
  private final int port = FreePorts.next();
  private final EventLog events = new EventLog();
  private int keys;
  private @Nullable FileProxy started;
  private @Nullable AdminServer admin;
  private @Nullable BrowserPage opened;

  ConsoleSizesTest(@TempDir Path directory) {
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

  @AfterEach
  void stop() {
    if (opened != null) {
      opened.close();
    }
    if (admin != null) {
      admin.close();
    }
    if (started != null) {
      started.close();
    }
    redis.close();
  }

  /** Opens the console of a pool of so many nodes, of which the last is not there. */
  private void open(int nodes, AdminGuard guard) throws Exception {
    List<String> named = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      String address = i == nodes - 1 ? "127.0.0.1:1" : redis.address();
      named.add("\"" + address + ":1 node-" + i + "\"");
    }
    FileProxy proxy =
        FileProxy.start(
            directory.resolve("cashew.conf"),
            """
            cashew { workers = 1, admin.listen = off, pools.fleet { listen = "127.0.0.1:%d"
              hash = murmur, timeout = 5s, retry-after = 1h, nodes = [%s] } }
            """
                .formatted(port, String.join(", ", named)));
    started = proxy;
    Actions actions = new Actions(new ActionCounts());
    List<Route> routes = new ArrayList<>(ApiRoutes.of(proxy::view));
    routes.addAll(CacheRoutes.of(proxy::view));
    routes.addAll(WhereRoutes.of(proxy::view));
    routes.addAll(ConfigRoutes.of(proxy.reloader(), List::of));
    routes.addAll(EventRoutes.of(events));
    routes.addAll(HistoryRoutes.of(new History()));
    routes.addAll(NodeRoutes.of(proxy.operations(), actions));
    routes.addAll(ClientRoutes.of(proxy.operations(), actions));
    routes.addAll(LogRoutes.of(proxy.operations(), level -> level, actions));
    routes.addAll(ConsoleRoutes.of());
    admin =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), routes, guard);
    try (RawClient client = new RawClient(port)) {
      Await.until(
          "the last is down",
          () -> {
            for (int i = 0; i < 3 * nodes; i++) {
              client.write(RawClient.request("SET", "key" + keys++, "v"));
            }
            for (int i = 0; i < 3 * nodes; i++) {
              client.read();
            }
            return proxy.metric("cashew_node_circuit_open{") == 1;
          });
    }
    events.add(
        System.currentTimeMillis(), "WARN", "node-down", "fleet", last(nodes), -1, "it is down");
    opened = Objects.requireNonNull(browser).open(1280, 900);
    page().go("http://127.0.0.1:" + admin.port() + "/");
  }

  private static String last(int nodes) {
    return "node-" + (nodes - 1);
  }

  private BrowserPage page() {
    return Objects.requireNonNull(opened);
  }

  private void assertFits(String when) {
    for (int width : WIDTHS) {
      page().size(width, 900);
      assertEquals(
          width,
          page().evaluate("document.documentElement.scrollWidth"),
          () -> when + ": wider than the window: " + widest());
    }
  }

  /** What sticks out, for the message of a failure. */
  private String widest() {
    return page()
        .text(
            "[...document.querySelectorAll('main *, header *')].filter((each) =>"
                + " each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.scroll'))"
                + ".slice(0, 5).map((each) => each.outerHTML.slice(0, 120)).join('\\n')");
  }

  private void click(String id) {
    page().evaluate("void setTimeout(() => document.getElementById('" + id + "').click())");
  }

  private void write(String id, String text) {
    page()
        .evaluate(
            "document.getElementById('%s').value = '%s'; document.getElementById('%s').dispatchEvent(new Event('input'))"
                .formatted(id, text, id));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100, 500})
  void troubleComesFirstAndNothingIsWiderThanTheWindow(int nodes) throws Exception {
    open(nodes, AdminGuard.open());
    page().awaitSeen("#pools", (nodes - 1) + " of " + nodes + " up");
    page().await(ROWS + "[0].innerText.includes('" + last(nodes) + "')");
    assertEquals(Math.min(nodes, 50), page().evaluate(ROWS + ".length"));
    assertEquals(nodes <= 50, page().evaluate("document.getElementById('nodes-all').hidden"));
    assertFits("nodes");
    page().evaluate(ROWS + "[0].querySelector('button').focus()");
    page().press("Enter");
    page().await("!document.getElementById('node').hidden");
    assertEquals("node-title", page().text("document.activeElement.id"));
    page().awaitSeen("#node-facts", "Connection refused");
    page().awaitSeen("#node-errors", "refused");
    page().awaitSeen("#node-events", "it is down");
    page().awaitSeen("#node-servers", "127.0.0.1:1");
    page().await("location.hash.includes('node=" + last(nodes) + "')");
    for (String scheme : List.of("dark", "light")) {
      page().scheme(scheme);
      assertFits("a node, " + scheme);
    }
    page().press("Escape");
    page().await("document.getElementById('node').hidden");
    assertEquals("nodes-filter", page().text("document.activeElement.id"));
    assertEquals(List.of(), page().complaints());
  }

  @Test
  void nodesAreFilteredSortedAndShownAll() throws Exception {
    open(100, AdminGuard.open());
    page().awaitSeen("#nodes-facts", "100 of 100 nodes · 1 not up");
    click("nodes-all");
    page().await(ROWS + ".length === 100");
    write("nodes-filter", "node-7");
    page().await(ROWS + ".length === 11");
    page().evaluate("document.querySelector('#nodes .sort').click()"); // by name
    page()
        .await(
            ROWS
                + "[0].innerText.startsWith('node-7\\t') || "
                + ROWS
                + "[0].innerText.includes('node-7')");
    assertEquals(
        "ascending", page().text("document.querySelector('#nodes th').getAttribute('aria-sort')"));
    page().evaluate("document.querySelector('#nodes .sort').click()");
    page().await(ROWS + "[0].innerText.includes('node-79')");
    write("nodes-filter", "");
    page().evaluate("document.getElementById('nodes-trouble').click()");
    page().await(ROWS + ".length === 1");
    assertTrue(page().seen("#nodes").contains("node-99"));
    assertEquals(List.of(), page().complaints());
  }

  @Test
  void whoIsConnectedAndWhereAKeyIsAreSaid() throws Exception {
    open(3, AdminGuard.open());
    page().awaitSeen("#pools", "fleet");
    try (RawClient client = new RawClient(port)) {
      client.send("CLIENT", "SETNAME", "somebody");
      write("clients-filter", "some");
      page().evaluate("document.querySelector('#clients-form button').click()");
      page().awaitSeen("#clients", "somebody");
      page().awaitSeen("#clients-facts", "1 client");
    }
    write("where-key", "user:1");
    page().evaluate("document.querySelector('#where-form button').click()");
    page().awaitSeen("#where", "node-");
    assertFalse(page().seen("#clients").contains("Close"), "nobody may act without a token");
    assertTrue(Boolean.TRUE.equals(page().evaluate("document.getElementById('actions').hidden")));
    assertFits("clients");
  }

  @Test
  void whoeverHasGivenATokenTakesANodeOutAndHasItBack() throws Exception {
    open(3, AdminGuard.withToken("swordfish"));
    page().await("document.activeElement?.id === 'token'");
    page().type("swordfish");
    page().press("Enter");
    page().awaitSeen("#nodes", "node-0");
    page().await("!document.getElementById('actions').hidden");
    page()
        .evaluate(
            "[...document.querySelectorAll('#nodes .link')].find((each) => each.textContent === 'node-0').click()");
    page().await("!document.getElementById('node-actions').hidden");
    click("node-drain");
    page().await("document.getElementById('sure').open");
    page().awaitSeen("#sure-text", "stay where they are");
    click("sure-no");
    page().await("!document.getElementById('sure').open");
    assertEquals(0, Objects.requireNonNull(started).metric("cashew_node_maintenance"));
    click("node-drain");
    page().await("document.getElementById('sure').open");
    click("sure-yes");
    page().awaitSeen("#acted", "is out, and nothing of this proxy is under way there");
    page().awaitSeen("#node-state", "maintenance");
    page().awaitSeen("#node-facts", "drain by 127.0.0.1");
    page().await("!document.getElementById('node-ready').hidden");
    assertFits("actions");
    click("node-ready");
    page().awaitSeen("#acted", "is in use again");
    page().awaitSeen("#node-state", "up");
    try (RawClient client = new RawClient(port)) {
      client.send("PING");
      page().evaluate("document.querySelector('#clients-form button').click()");
      page().awaitSeen("#clients", "Close");
      page().evaluate("document.querySelector('#clients tbody button').click()");
      page().await("document.getElementById('sure').open");
      click("sure-yes");
      client.awaitEnd();
    }
    click("act-reload");
    page().awaitSeen("#acted", "nothing to change");
  }

  @Test
  void thePictureOfManyNodesIsThereAndSmall() throws Exception {
    String name = "docs/console-nodes.png";
    if (Boolean.getBoolean("cashew.write")) {
      open(500, AdminGuard.open());
      page().awaitSeen("#nodes", last(500));
      page().await(ROWS + "[0].innerText.includes('" + last(500) + "')");
      write("nodes-filter", "9");
      page().evaluate(ROWS + "[0].querySelector('button').click()");
      page().await("!document.getElementById('node').hidden");
      page().awaitSeen("#node-servers", "127.0.0.1:1");
      page().size(1280, 1600);
      page().evaluate("document.getElementById('nodes-all').scrollIntoView({ block: 'center' })");
      Files.write(RepositoryFiles.path(name), page().picture());
    }
    byte[] picture = Files.readAllBytes(RepositoryFiles.path(name));
    assertTrue(picture.length < 300 << 10, name + " has " + picture.length + " bytes");
  }
}
