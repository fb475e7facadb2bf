package io.cashew.proxy.client;

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
    assertEquals(List.of(), HarmlessSettings.asked(List.of("nothing*")));
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
    assertEquals(List.of(), HarmlessSettings.asked(List.of("require*", "master?uth")));
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
    assertEquals("noeviction", merged("maxmemory-policy", "noeviction", "allkeys-lru"));
  }

  @Test
  void aSettingThatOneNodeLacksIsNotTold() {
    List<Map<String, String>> nodes = List.of(Map.of("hz", "10", "save", ""), Map.of("save", ""));
    assertEquals(Map.of("save", ""), HarmlessSettings.merge(List.of("hz", "save"), nodes));
  }
}
