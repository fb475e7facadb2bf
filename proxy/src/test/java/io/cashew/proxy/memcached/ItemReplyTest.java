package io.cashew.proxy.memcached;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The items of a reply to a get. */
final class ItemReplyTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static List<String> items(String reply) {
    byte[] bytes = bytes(reply + "rest of the array");
    ItemReply items = Objects.requireNonNull(ItemReply.read(bytes, reply.length()));
    List<String> found = new ArrayList<>();
    while (items.next()) {
      String key =
          new String(bytes, items.keyStart(), items.keyLength(), StandardCharsets.US_ASCII);
      found.add(key + "=" + new String(items.alone(), StandardCharsets.ISO_8859_1));
    }
    return found;
  }

  @Test
  void eachItemIsAReplyOfItsOwn() {
    assertEquals(List.of(), items("END\r\n"));
    assertEquals(
        List.of("a=VALUE a 5 3\r\nxyz\r\nEND\r\n", "long:key=VALUE long:key 0 0\r\n\r\nEND\r\n"),
        items("VALUE a 5 3\r\nxyz\r\nVALUE long:key 0 0\r\n\r\nEND\r\n"));
  }

  @Test
  void dataMayLookLikeAnything() {
    String data = "END\r\nVALUE b 0 1\r\nx\r\n";
    String reply = "VALUE a 0 " + data.length() + "\r\n" + data + "\r\n";
    assertEquals(List.of("a=" + reply + "END\r\n"), items(reply + "END\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SERVER_ERROR x\r\n",
        "ERROR\r\n",
        "",
        "END",
        "STORED\r\n",
        "xEND\r\n",
        "VALUEEND\r\n"
      })
  void whatIsNoReplyToAGetHasNoItems(String reply) {
    assertNull(ItemReply.read(bytes(reply), reply.length()));
  }

  @Test
  void itemsOfSeveralAreOneReply() {
    assertEquals(
        "VALUE b 0 1\r\nx\r\nVALUE a 0 1\r\ny\r\nEND\r\n",
        new String(
            ItemReply.join(
                List.of(
                    bytes("VALUE b 0 1\r\nx\r\nEND\r\n"), bytes("VALUE a 0 1\r\ny\r\nEND\r\n"))),
            StandardCharsets.US_ASCII));
    assertEquals("END\r\n", new String(ItemReply.join(List.of()), StandardCharsets.US_ASCII));
  }
}
