package io.cashew.proxy.client.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which settings are told, and what becomes of several nodes' values. */
final class HarmlessSettingsTest {
  private static String merged(String name, String... values) {
    List<Map<String, String>> nodes =
        Arrays.stream(values).map(value -> Map.of(name, value)).toList();
    return HarmlessSettings.merge(List.of(name), nodes).getOrDefault(name, "none");
  }

  @Test
  void namesAndPatternsFindWhatIsHarmless() {
    assertEquals(
        List.of("slowlog-log-slower-than", "slowlog-max-len"),
        HarmlessSettings.asked(List.of("SLOWLOG*")));
    assertEquals(List.of("save"), HarmlessSettings.asked(List.of("Save")));
    assertEquals(
        List.of("databases", "maxmemory"),
        HarmlessSettings.asked(List.of("maxmemory", "databases", "maxmemor[y]")));
    assertNull(HarmlessSettings.asked(List.of("nothing*")));
    assertNull(HarmlessSettings.asked(List.of("nothing")));
  }

  @Test
  void nothingSecretIsTold() {
    List<String> all = Objects.requireNonNull(HarmlessSettings.asked(List.of("*")));
    for (String word :
        List.of("pass", "auth", "users", "acl", "file", "dir", "tls", "bind", "port")) {
      assertTrue(all.stream().noneMatch(name -> name.contains(word)), word);
    }
    assertNull(HarmlessSettings.asked(List.of("requirepass")));
    assertNull(HarmlessSettings.asked(List.of("maxmemory", "masterauth")));
    assertNull(HarmlessSettings.asked(List.of("require*")));
    assertNull(HarmlessSettings.asked(List.of("maxmemory", "master?uth")));
  }

  @Test
  void whatHoldsAtEveryNodeIsTold() {
    assertEquals("xE", merged("notify-keyspace-events", "xE", "AE").replace("Ex", "xE"));
    assertEquals("", merged("notify-keyspace-events", "KEA", ""));
    assertEquals("AKE", merged("notify-keyspace-events", "AKE", "AKE"));
    assertEquals("no", merged("appendonly", "yes", "no"));
    assertEquals("16", merged("databases", "32", "16", "64"));
    assertEquals("300", merged("maxmemory", "100", "200"));
    assertEquals("0", merged("maxmemory", "100", "0"));
  }

  /** Frameworks warn of every policy but noeviction: one node that evicts is a reason to. */
  @Test
  void theNodeThatEvictsMostSaysThePolicy() {
    assertEquals("noeviction", merged("maxmemory-policy", "noeviction", "noeviction"));
    assertEquals("allkeys-lru", merged("maxmemory-policy", "noeviction", "allkeys-lru"));
    assertEquals("volatile-ttl", merged("maxmemory-policy", "volatile-ttl", "noeviction"));
    assertEquals(
        "allkeys-lfu", merged("maxmemory-policy", "noeviction", "volatile-lru", "allkeys-lfu"));
  }

  @Test
  void whatIsOnDiskAtEveryNodeIsTold() {
    assertEquals("3600 1", merged("save", "3600 1 300 100", "3600 1 60 10000"));
    assertEquals("3600 1 300 100", merged("save", "3600 1 300 100", "3600 1 300 100"));
    assertEquals("", merged("save", "3600 1", ""));
    assertEquals("everysec", merged("appendfsync", "always", "everysec"));
    assertEquals("no", merged("appendfsync", "no", "everysec"));
  }

  @Test
  void theLeastLimitIsTold() {
    assertEquals("100", merged("maxmemory-clients", "0", "200", "100"));
    assertEquals("5%", merged("maxmemory-clients", "0", "5%"));
    assertEquals("1", merged("lfu-decay-time", "10", "1"));
  }

  @Test
  void aSettingThatOneNodeLacksIsNotTold() {
    List<Map<String, String>> nodes = List.of(Map.of("hz", "10", "save", ""), Map.of("save", ""));
    assertEquals(Map.of("save", ""), HarmlessSettings.merge(List.of("hz", "save"), nodes));
  }
}
