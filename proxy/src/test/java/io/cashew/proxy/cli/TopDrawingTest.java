package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.junit.jupiter.api.Test;

/** What {@code cashew top} draws for a size of the terminal, and what keys change of it. */
final class TopDrawingTest {
  private static final TopFigures THREE =
      new TopFigures(
          state(node("alpha", "up", 500), node("beta", "down", 0), node("gamma", "up", 900)),
          null,
          1);

  private static String node(String name, String state, int requests) {
    return """
    {"name":"%s","address":"10.0.0.1:6379","state":"%s","connections":1,"requests":%d,
     "requestBytes":2048,"replyBytes":0,"inFlight":0,"errorReplies":0,"failures":{"timeout":%d},
     "latency":{"buckets":[9,1,0]}}
    """
        .formatted(name, state, requests, state.equals("up") ? 0 : 7);
  }

  private static Config state(String... nodes) {
    return ConfigFactory.parseString(
        """
        {"version":"1","ready":true,"uptimeSeconds":1,"workers":1,"transport":"x",
         "memoryBytes":0,"memoryLimitBytes":1048576,"latencyBucketMicros":[100,200],
         "pools":[{"name":"p","listen":"l","clients":1,"requests":1400,"requestBytes":0,
           "replyBytes":0,"inFlight":0,"errors":{"internal":1},"slowRequests":0,
           "latency":{"buckets":[9,1,0]},"nodes":[%s]}]}
        """
            .formatted(String.join(",", nodes)));
  }

  private static TopFigures many(int count) {
    List<String> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(node(String.format("node-%03d", i), "up", i));
    }
    return new TopFigures(state(nodes.toArray(String[]::new)), null, 1);
  }

  private static Config event(String level) {
    return ConfigFactory.parseString(
        "{\"at\":\"2026-01-02T03:04:05Z\",\"level\":\""
            + level
            + "\",\"kind\":\"node-down\",\"text\":\"beta is down\"}");
  }

  private static List<AttributedString> draw(
      TopFigures figures, TopScreen screen, int width, int height) {
    return new TopDrawing(figures, "", List.of(event("WARN")), screen, width, height).lines();
  }

  private static List<String> text(List<AttributedString> lines) {
    return lines.stream().map(line -> line.toString().stripTrailing()).toList();
  }

  private static List<String> names(List<AttributedString> lines) {
    return text(lines).stream()
        .filter(line -> line.matches("(alpha|beta|gamma|node-\\d+) .*"))
        .map(line -> line.replaceFirst(" .*", ""))
        .toList();
  }

  /** After keys of which each is a character, with ten lines of a hundred. */
  private static TopScreen after(String keys) {
    TopScreen screen = TopScreen.START;
    for (int i = 0; i < keys.length(); i++) {
      screen = screen.press(TopKey.of(keys.charAt(i)), 10, 100);
    }
    return screen;
  }

  private static TopScreen after(TopScreen screen, TopKey.Kind... keys) {
    TopScreen pressed = screen;
    for (TopKey.Kind key : keys) {
      pressed = pressed.press(TopKey.of(key), 10, 100);
    }
    return pressed;
  }

  @Test
  void itFitsEverySize() {
    for (int width : List.of(1, 20, 40, 80, 120, 300)) {
      for (int height : List.of(1, 2, 3, 5, 18, 24, 100)) {
        for (String keys : List.of("", "e", "h", "/x")) {
          for (TopFigures figures : List.of(THREE, many(500))) {
            List<AttributedString> lines = draw(figures, after(keys), width, height);
            assertEquals(height, lines.size(), () -> width + "x" + height + " " + keys);
            lines.forEach(line -> assertTrue(line.columnLength() <= width, line.toString()));
          }
        }
      }
    }
  }

  @Test
  void troubleIsFirstAndRed() {
    List<AttributedString> lines = draw(THREE, TopScreen.START, 120, 24);
    assertEquals(List.of("beta", "gamma", "alpha"), names(lines));
    AttributedString beta =
        lines.stream().filter(line -> line.toString().startsWith("beta")).findFirst().orElseThrow();
    assertEquals(AttributedStyle.DEFAULT.foreground(AttributedStyle.RED).bold(), beta.styleAt(0));
    int state = beta.toString().indexOf("down");
    assertEquals(
        AttributedStyle.DEFAULT.foreground(AttributedStyle.RED).bold(), beta.styleAt(state));
  }

  @Test
  void poolsAndEventsAreShownWhereThereIsRoom() {
    List<String> tall = text(draw(THREE, TopScreen.START, 120, 24));
    assertTrue(tall.get(2).startsWith("pool  clients  req/s"), tall.toString());
    assertTrue(tall.get(3).startsWith("p "), tall.toString());
    assertTrue(tall.get(22).endsWith("beta is down"), tall.toString());
    List<String> low = text(draw(THREE, TopScreen.START, 120, 10));
    assertTrue(low.get(1).startsWith("node "), low.toString());
    assertFalse(String.join("\n", low).contains("beta is down"), low.toString());
  }

  @Test
  void columnsThatSayLeastAreLeftOutFirst() {
    String wide = text(draw(THREE, TopScreen.START, 120, 10)).get(1);
    assertTrue(wide.contains("address") && wide.contains("in flight"), wide);
    String narrow = text(draw(THREE, TopScreen.START, 40, 10)).get(1);
    for (String kept : List.of("node", "state", "req/s", "p99")) {
      assertTrue(narrow.contains(kept), narrow);
    }
    assertFalse(narrow.contains("address"), narrow);
    String sorted = text(draw(THREE, after("A"), 40, 10)).get(1);
    assertTrue(sorted.contains("address"), sorted);
  }

  @Test
  void keysSortAndTheSameKeyAgainTurnsTheOrder() {
    assertEquals(List.of("gamma", "alpha", "beta"), names(draw(THREE, after("R"), 120, 24)));
    assertEquals(List.of("beta", "alpha", "gamma"), names(draw(THREE, after("RR"), 120, 24)));
    assertEquals(List.of("beta", "alpha", "gamma"), names(draw(THREE, after("Rr"), 120, 24)));
    assertEquals(List.of("alpha", "beta", "gamma"), names(draw(THREE, after("N"), 120, 24)));
    assertEquals(TopColumn.POOL, after(">").sort());
    assertEquals(TopColumn.ADDRESS, after("<").sort());
    assertEquals(TopColumn.P99, after("N<").sort());
    assertEquals(TopColumn.POOL, after(TopScreen.START, TopKey.Kind.RIGHT).sort());
  }

  @Test
  void eachColumnHasAKeyOfItsOwn() {
    assertEquals(
        TopColumn.all().size(), TopColumn.all().stream().map(TopColumn::key).distinct().count());
    TopColumn.all().forEach(column -> assertEquals(column, after("" + column.key()).sort()));
  }

  @Test
  void onlyWhatTheFilterHasIsLeftWhileItIsTypedAndAfterwards() {
    TopScreen typing = after("/GAM");
    assertEquals(List.of("gamma"), names(draw(THREE, typing, 120, 24)));
    assertTrue(text(draw(THREE, typing, 120, 24)).get(23).startsWith(" filter: GAM_"));
    TopScreen typed = after(typing, TopKey.Kind.BACKSPACE, TopKey.Kind.ENTER);
    assertEquals("GA", typed.filter());
    assertEquals(List.of("gamma"), names(draw(THREE, typed, 120, 24)));
    assertEquals(List.of("beta"), names(draw(THREE, after("/down"), 120, 24)));
    assertEquals("", after(typed, TopKey.Kind.ESCAPE).filter());
    assertEquals("q", after("/q").filter());
  }

  @Test
  void itScrollsAsFarAsThereIsSomething() {
    TopScreen by = after("R");
    assertEquals(0, after(by, TopKey.Kind.UP).first());
    assertEquals(2, after(by, TopKey.Kind.DOWN, TopKey.Kind.DOWN).first());
    assertEquals(10, after(by, TopKey.Kind.PAGE_DOWN).first());
    assertEquals(90, after(by, TopKey.Kind.END).first());
    assertEquals(90, after(by, TopKey.Kind.END, TopKey.Kind.DOWN).first());
    assertEquals(0, after(by, TopKey.Kind.END, TopKey.Kind.HOME).first());
    List<AttributedString> lines = draw(many(100), after(by, TopKey.Kind.PAGE_DOWN), 120, 12);
    assertEquals("node-089", names(lines).get(0));
    assertTrue(lines.get(11).toString().startsWith(" 11-19 of 100 "), lines.get(11).toString());
  }

  /** Fewer nodes than before, while one has scrolled down: the last are seen, not an empty page. */
  @Test
  void nodesThatHaveGoneLeaveNoEmptyPage() {
    TopScreen end = after(after("N"), TopKey.Kind.END);
    List<String> names = names(draw(many(20), end, 120, 12));
    assertEquals(9, names.size());
    assertEquals("node-019", names.get(8));
  }

  @Test
  void pagesComeAndGoByTheirKeys() {
    assertEquals(TopScreen.Page.HELP, after("h").page());
    assertEquals(TopScreen.Page.NODES, after("hh").page());
    assertEquals(TopScreen.Page.NODES, after(after("e"), TopKey.Kind.ESCAPE).page());
    assertEquals(TopScreen.Page.QUIT, after("q").page());
    assertEquals(TopScreen.Page.QUIT, after(after("/x"), TopKey.Kind.QUIT).page());
    String help = String.join("\n", text(draw(THREE, after("h"), 200, 24)));
    TopColumn.all()
        .forEach(column -> assertTrue(help.contains(column.key() + " " + column.heading()), help));
  }

  @Test
  void aPauseAndAProxyThatIsSilentAreSaid() {
    assertTrue(text(draw(THREE, after("p"), 120, 24)).get(23).startsWith(" paused "));
    List<AttributedString> lines =
        new TopDrawing(THREE, "nobody answers", List.of(), TopScreen.START, 80, 24).lines();
    assertEquals("nobody answers", lines.get(0).toString());
    assertEquals(List.of("beta", "gamma", "alpha"), names(lines));
  }

  @Test
  void aProxyThatWasStartedAnewHasNoNegativeRates() {
    TopFigures anew =
        new TopFigures(state(node("alpha", "up", 10)), state(node("alpha", "up", 500)), 1);
    assertEquals(10, anew.pools().get(0).nodes().get(0).requests());
  }
}
