package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class NodeNamesTest {
  @Test
  void aNodeIsNamedByHostAndPort() {
    assertEquals("Redis-1.example:6379", NodeNames.tcp("Redis-1.example", 6379));
    assertEquals("::1:6379", NodeNames.tcp("::1", 6379));
  }

  @Test
  void port11211IsLeftOut() {
    assertEquals("10.0.0.1", NodeNames.tcp("10.0.0.1", 11211));
  }

  @Test
  void aUnixSocketIsNamedByItsPathAndAColon() {
    assertEquals("/tmp/a.sock:", NodeNames.unix("/tmp/a.sock"));
  }

  @Test
  void shorterNamesComeFirstThenLowerBytes() {
    assertEquals(
        List.of("B", "b", "aa", "b1", "b10", "b9a"),
        List.of("b10", "b9a", "aa", "b1", "b", "B").stream().sorted(NodeNames.ORDER).toList());
  }

  @Test
  void namesAreComparedByUnsignedBytesOfUtf8() {
    assertTrue(NodeNames.ORDER.compare("z", "é") < 0, "é is two bytes");
    assertTrue(NodeNames.ORDER.compare("zz", "é") < 0, "0xc3 is above 'z'");
    // As UTF-16, U+10000 begins with 0xd800 and would come before U+FFFF.
    assertTrue(NodeNames.ORDER.compare("\uffffa", "\ud800\udc00") < 0);
  }
}
