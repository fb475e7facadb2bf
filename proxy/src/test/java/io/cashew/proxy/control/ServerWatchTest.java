package io.cashew.proxy.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.testing.ManualControl;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How often it is found what all servers have in common. */
final class ServerWatchTest {
  private static final int NODES = 300;

  private final ManualControl control = new ManualControl();
  private final Deque<Consumer<@Nullable List<byte[]>>> asked = new ArrayDeque<>();
  private final List<ServerFacts> published = new ArrayList<>();
  private final ServerWatch watch =
      new ServerWatch(control, (node, requests, done) -> asked.add(done), published::add);

  private record Somewhere(String text) implements NodeAddress {
    @Override
    public @Nullable SocketAddress current() {
      return null;
    }

    @Override
    public void refresh() {}
  }

  private List<Node> follow(int count) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(new Node("p", "n" + i, new Somewhere("10.0.0.1:6379"), 3, (node, cause) -> {}));
    }
    watch.follow(nodes);
    published.clear(); // what is known of them before they answer: nothing
    return nodes;
  }

  private static byte[] bulk(String text) {
    return ("$" + text.length() + "\r\n" + text + "\r\n").getBytes(US_ASCII);
  }

  /** Answers one question, of either kind. */
  private void answer(String version) {
    byte[] none = "*0\r\n".getBytes(US_ASCII);
    asked.remove().accept(List.of(bulk("redis_version:" + version + "\r\n"), none, none));
    control.pass(0);
  }

  @Test
  void whatAllHaveInCommonIsNotFoundAnewForEachAnswer() {
    follow(NODES);
    int answers = 0;
    while (!asked.isEmpty()) {
      assertTrue(asked.size() <= ServerWatch.MOST_ASKED, "what they say fits into the heap");
      answer("7.2." + answers++ % 5);
    }
    assertTrue(answers >= NODES, "all were asked");
    assertEquals(1, published.size(), "when the last had answered");
    assertEquals("7.2.0", published.get(0).redisVersion());
  }

  /** They take some 100 KB each. */
  @Test
  void equalCommandsAreKeptOnce() {
    List<Node> nodes = follow(2);
    byte[] list = "*1\r\n$3\r\nget\r\n".getBytes(US_ASCII);
    byte[] none = "*0\r\n".getBytes(US_ASCII);
    for (int i = 0; i < 2; i++) {
      asked.remove().accept(List.of(bulk("redis_version:7.2.0\r\n"), none, list));
    }
    control.pass(0);
    assertEquals(Set.of("get"), commands(nodes.get(0)));
    assertSame(commands(nodes.get(0)), commands(nodes.get(1)));
  }

  private static @Nullable Set<String> commands(Node of) {
    ServerFacts facts = of.facts();
    return facts == null ? null : facts.commands();
  }

  @Test
  void whileSomeHaveNotAnsweredWhatIsKnownOfTheOthersIsToldSoon() {
    follow(3);
    while (asked.size() > 1) {
      answer("7.0.1");
    }
    assertEquals(List.of(), published);
    control.pass(ServerWatch.PUBLISH_MILLIS);
    assertEquals(1, published.size());
    assertEquals("7.0.1", published.get(0).redisVersion());
  }

  @Test
  void whoWaitsForTheFirstAnswersHasThemTold() {
    follow(1);
    while (!asked.isEmpty()) {
      answer("6.2.0");
    }
    watch.awaitFirst(System.nanoTime());
    assertEquals("6.2.0", published.get(published.size() - 1).redisVersion());
  }
}
