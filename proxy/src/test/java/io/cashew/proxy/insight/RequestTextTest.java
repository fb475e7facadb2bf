package io.cashew.proxy.insight;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RequestTextTest {
  private static List<String> arguments(byte[] request, int kept) {
    return new RequestText(request, kept)
        .arguments().stream().map(bytes -> new String(bytes, ISO_8859_1)).toList();
  }

  private static List<String> arguments(String... request) {
    byte[] bytes = RawClient.request(request);
    return arguments(bytes, bytes.length);
  }

  @Test
  void shortRequestsAreShownWhole() {
    assertEquals(List.of("SET", "key", ""), arguments("SET", "key", ""));
  }

  /** As Redis's own test of its slow log has it. */
  @Test
  void manyArgumentsAreShortenedAsRedisShortensThem() {
    String[] request =
        Stream.concat(
                Stream.of("sadd", "set"), IntStream.rangeClosed(3, 33).mapToObj(String::valueOf))
            .toArray(String[]::new);
    List<String> shown = arguments(request);
    assertEquals(32, shown.size());
    assertEquals("31", shown.get(30));
    assertEquals("... (2 more arguments)", shown.get(31));
  }

  /** As Redis's own test of its slow log has it. */
  @Test
  void longArgumentsAreShortenedAsRedisShortensThem() {
    assertEquals(
        List.of("sadd", "set", "foo", "A".repeat(128) + "... (1 more bytes)"),
        arguments("sadd", "set", "foo", "A".repeat(129)));
  }

  @Test
  void whatWasNotKeptIsCounted() {
    byte[] request = RawClient.request("SET", "key", "x".repeat(100), "EX", "10");
    int kept = new String(request, ISO_8859_1).indexOf("xxx") + 10;
    assertEquals(
        List.of("SET", "key", "x".repeat(10) + "... (90 more bytes)", "... (2 more arguments)"),
        arguments(request, kept));
  }

  @Test
  void anArgumentIsFoundAsFarAsItWasKept() {
    byte[] request = RawClient.request("GET", "key");
    RequestText text = new RequestText(request, request.length);
    assertArrayEquals(new byte[] {'k', 'e', 'y'}, text.argument(1));
    assertArrayEquals(new byte[] {'k'}, new RequestText(request, request.length - 4).argument(1));
    assertNull(text.argument(2));
    assertNull(new RequestText(request, 5).argument(1));
  }

  @Test
  void everyCutIsShown() {
    byte[] request = RawClient.request("SET", "key", "x".repeat(200), "a", "b");
    for (int kept = 0; kept <= request.length; kept++) {
      assertTrue(arguments(request, kept).size() <= 5);
      new RequestText(request, kept).argument(2);
    }
  }

  @Test
  void garbageIsShownAsSomethingOrNothing() {
    Random random = new Random(1);
    byte[] alphabet = "*$\r\n0123456789ab".getBytes(ISO_8859_1);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(60)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }
      assertTrue(arguments(bytes, bytes.length).size() <= 32);
    }
  }
}
