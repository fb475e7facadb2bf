package io.cashew.proxy.cache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class HashValueTest {
  private static String bulk(String value) {
    return "$" + value.length() + "\r\n" + value + "\r\n";
  }

  private static @Nullable HashValue read(String reply) {
    return HashValue.read(reply.getBytes(ISO_8859_1));
  }

  private static String value(@Nullable HashValue hash, String field, boolean resp3) {
    KeyBytes name = new KeyBytes();
    ByteBuf bytes = Unpooled.copiedBuffer(field, ISO_8859_1);
    name.set(bytes, 0, field.length());
    ByteBuf out = Unpooled.buffer();
    HashValue.writeValue(hash, name, resp3, out);
    return out.toString(ISO_8859_1);
  }

  private static String all(@Nullable HashValue hash, boolean resp3) {
    ByteBuf out = Unpooled.buffer();
    HashValue.writeAll(hash, resp3, out);
    return out.toString(ISO_8859_1);
  }

  @Test
  void randomHashesAreFoundAsTheyAre() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      Map<String, String> fields = new LinkedHashMap<>();
      int count = random.nextInt(200);
      for (int i = 0; i < count; i++) {
        fields.put(text(random), text(random));
      }
      StringBuilder pairs = new StringBuilder();
      fields.forEach((field, value) -> pairs.append(bulk(field)).append(bulk(value)));
      String two = "*" + 2 * fields.size() + "\r\n" + pairs;
      String three = "%" + fields.size() + "\r\n" + pairs;
      for (String reply : new String[] {two, three}) {
        HashValue hash = Objects.requireNonNull(read(reply));
        assertEquals(fields.size(), hash.fields());
        assertEquals(two, all(hash, false));
        assertEquals(three, all(hash, true));
        fields.forEach((field, value) -> assertEquals(bulk(value), value(hash, field, false)));
        for (int i = 0; i < 20; i++) {
          String other = text(random);
          String known = fields.get(other);
          assertEquals(known == null ? "$-1\r\n" : bulk(known), value(hash, other, false));
          assertEquals(known == null ? "_\r\n" : bulk(known), value(hash, other, true));
        }
        ByteBuf names = Unpooled.buffer();
        hash.writeNames(names);
        StringBuilder expected = new StringBuilder();
        fields.keySet().forEach(field -> expected.append(bulk(field)));
        assertEquals(expected.toString(), names.toString(ISO_8859_1));
      }
    }
  }

  /** Short, of few bytes, some of which look like those of the protocol. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(6); left > 0; left--) {
      text.append("$1\r\nab*".charAt(random.nextInt(7)));
    }
    return text.toString();
  }

  @Test
  void whatIsNoHashIsNotTakenForOne() {
    assertNotNull(read("*0\r\n"));
    assertNotNull(read("%1\r\n$1\r\nf\r\n$1\r\nv\r\n"));
    for (String other :
        new String[] {
          "$1\r\nv\r\n",
          "-ERR no\r\n",
          "*-1\r\n",
          "*2\r\n$1\r\nf\r\n",
          "*2\r\n$1\r\nf\r\n$-1\r\n",
          "*2\r\n$1\r\nf\r\n:1\r\n",
          "*2\r\n$1\r\nf\r\n$9\r\nv\r\n",
          "*2\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n",
          "%2\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\nf\r\n$1\r\nw\r\n",
        }) {
      assertNull(read(other), other);
    }
  }

  @Test
  void ofNoKeyThereIsNothing() {
    assertEquals("*0\r\n", all(null, false));
    assertEquals("%0\r\n", all(null, true));
    assertEquals("$-1\r\n", value(null, "f", false));
    assertEquals("_\r\n", value(null, "f", true));
  }
}
