package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The documents and examples that ship agree with the tables of keys. */
class ConfigurationPageTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path PAGE = REPOSITORY.resolve("docs/configuration.md");
  private static final Path CONF = REPOSITORY.resolve("conf");

  @Test
  void pageIsMadeOfTheRows() throws IOException {
    if (Boolean.getBoolean("cashew.write")) {
      Files.writeString(PAGE, ConfigurationPage.text());
    }
    assertEquals(
        ConfigurationPage.text(),
        Files.readString(PAGE),
        "docs/configuration.md is out of date: run this test with -Dcashew.write=true");
  }

  @Test
  void everyKeyHasADefaultAndADocument() {
    for (Setting<?, ?> setting : Settings.TABLE.everything()) {
      assertTrue(setting.doc().endsWith("."), setting.key());
      assertTrue(!setting.standardText().isEmpty(), setting.key());
    }
  }

  @Test
  void annotatedFileHasEveryKey() throws IOException {
    String text = Files.readString(CONF.resolve("cashew.conf"));
    Settings.TABLE.everything().stream()
        .map(setting -> setting.key().substring(setting.key().lastIndexOf('.') + 1))
        .forEach(
            word ->
                assertTrue(
                    text.matches("(?s).*\\b" + word + "\\s*[={.].*"),
                    word + " is not in conf/cashew.conf"));
  }

  @Test
  void annotatedFileHasTheDefaults() throws ConfigException {
    Settings bare =
        HoconReader.read(
            """
            cashew.pools.sessions {
              listen = "127.0.0.1:22121"
              nodes = [ "127.0.0.1:6379 alpha", "127.0.0.1:6380 beta", "127.0.0.1:6381 gamma" ]
            }
            """,
            "bare.conf");
    assertEquals(bare, ConfigFile.read(CONF.resolve("cashew.conf")));
  }

  @Test
  void annotatedFileIsReadWithItsCommentedKeysToo() throws Exception {
    String text =
        Files.readString(CONF.resolve("cashew.conf"))
            .replace("# auth.password = ${REDIS_PASSWORD}", "auth.password = secret")
            .replace("# node-auth", "node-auth")
            .replace("# \"my.command\"", "\"my.command\"")
            .replace("${NODE_PASSWORD}", "other")
            .replace("# token = ${ADMIN_TOKEN}", "token = x");
    PoolSettings pool = HoconReader.read(text, "cashew.conf").pools().get(0);
    assertEquals("secret", pool.auth().password().orElseThrow().value());
    assertEquals("default", pool.auth().nodeAuth().orElseThrow().username().orElseThrow());
    assertEquals("other", pool.auth().nodeAuth().orElseThrow().password().value());
    assertEquals(
        List.of(new DeclaredCommand("my.command", -2, 1, -1, 1, true)), pool.commands().declared());
  }

  @Test
  void otherExamplesAreValid() throws ConfigException {
    assertEquals(
        7, ConfigFile.read(CONF.resolve("cache.conf")).pools().get(0).cache().rules().size());
    assertEquals(3, ConfigFile.read(CONF.resolve("minimal.conf")).pools().get(0).nodes().size());
    assertEquals(
        400,
        ConfigFile.read(CONF.resolve("nutcracker.yml"))
            .pools()
            .get(0)
            .connections()
            .timeoutMillis());
  }
}
