package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TracingSettingsTest {
  private static final String POOL =
      "pools.p { listen = \"127.0.0.1:0\", nodes = [\"127.0.0.1:6379:1 a\"] }";

  private static Settings read(String tracing) throws ConfigException {
    return HoconReader.read(
        "cashew {\n" + POOL + "\ntracing { " + tracing + " }\n}\n", "cashew.conf");
  }

  private static String problem(String tracing) {
    return assertThrows(ConfigException.class, () -> read(tracing)).problems().get(0).toString();
  }

  @Test
  void itIsOffByItself() throws ConfigException {
    TracingSettings settings = read("").tracing();
    assertEquals(TracingSettings.DEFAULT, settings);
    assertEquals(Optional.empty(), settings.endpoint());
    assertFalse(settings.keys());
  }

  @Test
  void allOfItIsRead() throws ConfigException {
    TracingSettings settings =
        read("""
            endpoint = "https://collector:4318/v1/traces"
            sample = 0.25, slow = off, service-name = front, timeout = 2s, keys = true
            headers { Authorization = "Bearer x", "x.scope" = 7 }
            """)
            .tracing();
    assertEquals(
        new TracingSettings(
            Optional.of(URI.create("https://collector:4318/v1/traces")),
            0.25,
            InsightSettings.OFF,
            "front",
            Map.of("Authorization", new Secret("Bearer x"), "x.scope", new Secret("7")),
            2000,
            true),
        settings);
  }

  @Test
  void whatIsWrongIsSaidWithoutTheSecret() {
    assertTrue(problem("endpoint = \"http://collector:4318\"").contains("/v1/traces"));
    assertTrue(problem("endpoint = \"collector:4318\"").contains("http"));
    assertTrue(problem("sample = 2").contains("from 0 to 1"));
    for (String headers :
        new String[] {
          "headers { Host = geheim }",
          "headers { \"a b\" = geheim }",
          "headers { a.b = geheim }",
          "headers { a = \"geheim\\n\" }",
          "headers { a = [ geheim ] }"
        }) {
      String said = problem(headers);
      assertTrue(said.contains("tracing.headers"), said);
      assertFalse(said.contains("geheim"), said);
    }
  }

  @Test
  void headersAreWrittenAndHiddenAsSecretsAre() throws ConfigException {
    Settings settings = read("headers { Authorization = \"Bearer geheim\" }");
    assertEquals(settings, HoconReader.read(HoconWriter.write(settings), "written.conf"));
    String shown = HoconWriter.writeWithoutSecrets(settings);
    assertTrue(shown.contains("Authorization"), shown);
    assertFalse(shown.contains("geheim"), shown);
    assertFalse(settings.toString().contains("geheim"));
  }
}
