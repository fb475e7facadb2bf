package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.acl.UserOptions;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.Guard;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a file may say of a pool's cache. */
final class CacheSettingsTest {
  private static final String EXAMPLE =
      """
      cache {
        memory = 32MiB
        max-value = 16KiB
        lease-waiters = 5
        rules = [
          { match = "user:*", near = 30s, missing = 5s, stale = 60s, lease = 200ms }
          { match = "product:*", near = 10s, collapse = true, ttl-jitter = 10%, stale-on-error = 10m }
          { match = "seckill:*", rate = 5000/s, rate-per-key = 500/s, rate-per-client = 7/s }
          { match = "page:*", guard = existing }
          { match = "lock:*" }
          { match = "*", redelete = [500ms, 2s] }
        ]
      }
      """;

  private static PoolSettings pool(String lines) throws ConfigException {
    return HoconReader.read(
            "cashew.pools.p { listen = \"l:1\"\n nodes = [ \"h:1\" ]\n" + lines + "\n}",
            "cashew.conf")
        .pools()
        .get(0);
  }

  private static void assertProblem(String lines, String key, String... words) {
    List<ConfigProblem> problems =
        assertThrows(ConfigException.class, () -> pool(lines)).problems();
    assertEquals(1, problems.size(), problems::toString);
    assertEquals("cashew." + key, problems.get(0).key(), problems::toString);
    for (String word : words) {
      assertTrue(problems.get(0).text().contains(word), problems::toString);
    }
  }

  private static void assertRuleProblem(String rule, String key, String... words) {
    assertProblem(
        "cache.rules = [ { match = \"a\" }, { " + rule + " } ]",
        "pools.p.cache.rules[1]" + key,
        words);
  }

  @Test
  void eachKeyIsRead() throws ConfigException {
    CacheSettings cache = pool(EXAMPLE).cache();
    assertEquals(32 << 20, cache.memoryBytes());
    assertEquals(16 << 10, cache.maxValueBytes());
    assertEquals(5, cache.leaseWaiters());
    assertEquals(
        List.of(
            new CacheRule(
                0, "user:*", 30_000, 5_000, false, 200, 60_000, 0, Guard.OFF, 0, 0, 0, 0,
                List.of()),
            new CacheRule(
                1, "product:*", 10_000, 0, true, 0, 0, 600_000, Guard.OFF, 10, 0, 0, 0, List.of()),
            new CacheRule(
                2, "seckill:*", 0, 0, false, 0, 0, 0, Guard.OFF, 0, 5000, 500, 7, List.of()),
            new CacheRule(3, "page:*", 0, 0, false, 0, 0, 0, Guard.EXISTING, 0, 0, 0, 0, List.of()),
            CacheRule.nothing("lock:*").at(4),
            new CacheRule(
                5, "*", 0, 0, false, 0, 0, 0, Guard.OFF, 0, 0, 0, 0, List.of(500L, 2000L))),
        cache.rules());
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() throws ConfigException {
    CacheSettings cache = pool(EXAMPLE).cache();
    assertEquals(cache, pool(lines(cache)).cache());
    assertTrue(
        lines(cache).contains("{ match = \"seckill:*\", rate = 5000/s, rate-per-key = 500/s"));
  }

  private static String lines(CacheSettings cache) {
    return String.join(
        "\n",
        CacheSettings.TABLE
            .written(cache, false)
            .map(row -> row.key() + " = " + row.text())
            .toList());
  }

  @Test
  void aPoolWithoutCacheHasNoRules() throws ConfigException {
    assertEquals(List.of(), pool("").cache().rules());
    assertEquals(0, pool("").limits().requests().ofPool());
  }

  @Test
  void aRuleThatCannotBeKeptIsRefused() {
    assertRuleProblem(
        "match = \"*x\", guard = existing", ".guard", "'*x'", "literal", "\"page:*\"");
    assertRuleProblem("match = \"a\"", ".match", "'a' never decides", "rules[0]", "move this one");
    assertProblem(
        "cache.rules = [ { match = \"*\" }, { match = \"user:*\", near = 1s } ]",
        "pools.p.cache.rules[1].match",
        "rules[0], '*', comes first");
    for (String key : List.of("near", "missing", "stale", "stale-on-error", "lease")) {
      assertProblem(
          "distribution = random, cache.rules = [ { match = \"user:*\", " + key + " = 1s } ]",
          "pools.p.cache.rules[0]." + key,
          "'user:*'",
          "distribution = random",
          "remove it");
    }
    assertProblem(
        "distribution = random, cache.rules = [ { match = \"user:*\", guard = existing } ]",
        "pools.p.cache.rules[0].guard",
        "distribution = random");
  }

  @Test
  void whatDoesNotDependOnOneServerWorksWithCopies() throws ConfigException {
    String rule = "match = \"*\", rate = 1/s, ttl-jitter = 1%, redelete = [1s], collapse = true";
    assertEquals(
        1,
        pool("distribution = random, cache.rules = [ { " + rule + " } ]").cache().rules().size());
  }

  @Test
  void wrongValuesAreRefusedWithTheRightForm() {
    assertRuleProblem("near = 1s", ".match", "is missing");
    assertRuleProblem("match = \"\"", ".match", "write \"*\" for all keys");
    assertRuleProblem("match = \"" + "?".repeat(64) + "\"", ".match", "more than 63 parts");
    assertRuleProblem("match = b, near = 30", ".near", "30s");
    assertRuleProblem("match = b, near = 0s", ".near", "1ms");
    assertRuleProblem("match = b, lease = 2m", ".lease", "1m");
    assertRuleProblem("match = b, rate = 5000", ".rate", "5000/s");
    assertRuleProblem("match = b, rate = 0/s", ".rate", "or off");
    assertRuleProblem("match = b, ttl-jitter = 10", ".ttl-jitter", "from 1% to 100%");
    assertRuleProblem("match = b, ttl-jitter = 101%", ".ttl-jitter", "from 1% to 100%");
    assertRuleProblem("match = b, guard = exists", ".guard", "existing");
    assertRuleProblem("match = b, redelete = 1s", ".redelete", "[500ms, 2s]");
    assertRuleProblem("match = b, redelete = [1]", ".redelete", "1s");
    assertRuleProblem(
        "match = b, redelete = [" + "1s,".repeat(9) + "]", ".redelete", "8 are the most");
    assertRuleProblem("match = b, nearr = 1s", ".nearr", "did you mean 'near'");
    assertProblem("cache.rules = []", "pools.p.cache.rules", "is empty");
    assertProblem("cache.rules = [ a ]", "pools.p.cache.rules[0]", "must be an object");
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    String rules = "cache.rules = [ { match = a } ], ";
    assertProblem(
        rules + "cache.memory = 1MiB, cache.max-value = 2MiB", "pools.p.cache.max-value", "1MiB");
    assertProblem(rules + "cache.memory = 100GiB", "memory-limit", "100GiB", "keep less");
    assertProblem("cache.memory = 1MiB", "pools.p.cache.memory", "write cache.rules");
  }

  @Test
  void aUserMayBeExemptAndHaveALimitOfItsOwn() throws ConfigException {
    PoolSettings pool =
        pool("auth.users.bob { rules = \"on nopass\", cache = off, requests-per-second = 9 }");
    assertEquals(new UserOptions(false, 9), pool.auth().users().get(0).options());
    UserSettings bob = pool.auth().users().get(0);
    assertTrue(
        UserSettings.TABLE.object(bob, false).contains("cache = false, requests-per-second = 9"));
    assertEquals(
        new UserOptions(false, 9),
        pool.rights().all().stream()
            .filter(user -> user.name().equals("bob"))
            .findFirst()
            .orElseThrow()
            .options());
  }
}
