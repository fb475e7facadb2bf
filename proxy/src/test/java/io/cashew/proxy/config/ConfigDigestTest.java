package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ConfigDigestTest {
  private static Settings read(String more) throws ConfigException {
    return HoconReader.read(
        "cashew.pools.p { listen = \"127.0.0.1:1\", nodes = [\"127.0.0.1:2\"] " + more + " }",
        "cashew.conf");
  }

  @Test
  void sameMeaningHasTheSameDigestWhateverTheFileLooksLike() throws ConfigException {
    assertEquals(
        ConfigDigest.of(read("")),
        ConfigDigest.of(read("\n# a comment\n timeout = 1000ms, hash = fnv1a_64 ")));
  }

  @Test
  void withoutSecretsItIsSha256OfTheCanonicalText() throws Exception {
    byte[] text = HoconWriter.write(read("")).getBytes(StandardCharsets.UTF_8);
    assertEquals(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text)),
        ConfigDigest.of(read("")));
  }

  @Test
  void everyDifferenceShowsAPasswordIncluded() throws ConfigException {
    String one = ConfigDigest.of(read(", auth.password = one"));
    assertNotEquals(one, ConfigDigest.of(read(", auth.password = two")));
    assertNotEquals(one, ConfigDigest.of(read("")));
    assertNotEquals(ConfigDigest.of(read(", timeout = 2s")), ConfigDigest.of(read("")));
  }

  @Test
  void passwordCannotBeGuessedAtTheCostOfOneHash() throws Exception {
    Settings settings = read(", auth.password = one");
    byte[] text = HoconWriter.write(settings).getBytes(StandardCharsets.UTF_8);
    assertNotEquals(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text)),
        ConfigDigest.of(settings));
  }

  @Test
  void textForPeopleHasNoSecrets() throws ConfigException {
    String text =
        HoconWriter.writeWithoutSecrets(
            read(
                ", auth.password = geheim, node-auth.password = secreto,"
                    + " auth.users.u { rules = \"on >hidden ~a:* +get (~b:* +set)\" }"));
    for (String secret : new String[] {"geheim", "secreto", "hidden", "e564b4081d"}) {
      assertFalse(text.contains(secret), text);
    }
    assertTrue(text.contains("#***"), text);
    assertTrue(text.contains("~a:*"), text);
  }
}
