package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each row, as {@link CommandReply} writes it, is what a real server's COMMAND says. */
class RowsAgainstRedisTest {
  private static RealServers servers;

  /** Redis 6 words that Redis 7 has given up, and Redis 7 words that Redis 6 does not have. */
  private static final Set<String> WORDS_OF_ONE_VERSION =
      Set.of(
          "random",
          "sort_for_script",
          "may_replicate",
          "allow_busy",
          "no_async_loading",
          "no_multi",
          "no_mandatory_keys",
          "blocking");

  /** Commands whose arity Redis 7 or 7.2 has changed: from, to. */
  private static final Map<String, List<Long>> CHANGED_ARITY =
      Map.of(
          "expire", List.of(3L, -3L), // NX XX GT LT
          "expireat", List.of(3L, -3L),
          "pexpire", List.of(3L, -3L),
          "pexpireat", List.of(3L, -3L),
          "pfdebug", List.of(-3L, 3L),
          "xsetid", List.of(3L, -3L),
          "zrank", List.of(3L, -3L), // WITHSCORE
          "zrevrank", List.of(3L, -3L)); // ENTRIESADDED, MAXDELETEDID

  /** Commands whose flags or categories Redis 7 has corrected. */
  private static final Set<String> CHANGED_FLAGS =
      Set.of(
          "asking",
          "readonly",
          "readwrite",
          "select",
          "wait", // @keyspace became @connection
          "echo",
          "ping", // stale
          "eval",
          "evalsha", // stale
          "reset", // no_auth
          "role"); // @admin

  /** What HTTP says: Redis closes the connection; no commands to route. */
  private static final Set<String> HTTP = Set.of("host:", "post");

  /**
   * Tips that differ on purpose: Cashew does not split what must be atomic, although Redis 7.0
   * advises it (and 7.2 does no longer); and it swaps databases on all nodes.
   */
  private static final Set<String> OWN_TIPS = Set.of("msetnx", "swapdb");

  /** Commands whose arity servers after 7.0 have made more tolerant. */
  private static final Set<String> MORE_ARGUMENTS =
      Set.of("zrank", "zrevrank", "command|getkeys", "command|getkeysandflags");

  /** Subcommands of {@code CLIENT} that came after 7.0. */
  private static final Set<String> SINCE_SEVEN =
      Set.of("client|capa", "client|import-source", "client|no-touch", "client|setinfo");

  @BeforeAll
  static void start() {
    servers = new RealServers();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  private static Map<String, PublishedCommand> ours() throws IOException {
    CommandTable table = CommandTable.standard();
    ByteBuf buf = Unpooled.buffer();
    CommandReply reply = new CommandReply(buf, false);
    reply.array(table.commands().size());
    table.commands().forEach(reply::entry);
    Map<String, PublishedCommand> ours =
        PublishedCommand.all(RawClient.readFrom(new ByteBufInputStream(buf)));
    assertEquals(0, buf.readableBytes());
    assertEquals(table.listed().size(), ours.size());
    return ours;
  }

  @Test
  void everyCommandOfTheShippedRedisHasItsRow() throws IOException {
    Map<String, PublishedCommand> ours = ours();
    Map<String, PublishedCommand> theirs = PublishedCommand.all(servers.shipped().send("COMMAND"));
    assertTrue(theirs.size() > 200, "a whole COMMAND reply");
    List<String> differences = new ArrayList<>();
    for (PublishedCommand redis : theirs.values()) {
      PublishedCommand row = ours.get(redis.name());
      if (row != null) {
        compareWithSix(redis, row, ours, differences);
      } else if (!HTTP.contains(redis.name())) {
        differences.add(redis.name() + " has no row");
      }
    }
    assertEquals(List.of(), differences);
  }

  private static void compareWithSix(
      PublishedCommand redis,
      PublishedCommand row,
      Map<String, PublishedCommand> ours,
      List<String> differences) {
    List<Long> arities = CHANGED_ARITY.getOrDefault(redis.name(), List.of(redis.arity()));
    if (redis.arity() != arities.get(0) || row.arity() != arities.get(arities.size() - 1)) {
      differences.add(redis.name() + ": arity " + row.arity() + ", not " + redis.arity());
    }
    String first = redis.name() + "|";
    boolean isContainer = ours.keySet().stream().anyMatch(name -> name.startsWith(first));
    if (isContainer) {
      // Redis 7 has moved what was said of the container to its subcommands.
      boolean hasRange =
          redis.keyRange().equals(row.keyRange())
              || ours.values().stream()
                  .filter(other -> other.name().startsWith(first))
                  .anyMatch(other -> other.keyRange().equals(redis.keyRange()));
      if (!hasRange) {
        differences.add(redis.name() + ": no subcommand has the keys " + redis.keyRange());
      }
      return;
    }
    if (!redis.keyRange().equals(row.keyRange())) {
      differences.add(redis.name() + ": keys " + row.keyRange() + ", not " + redis.keyRange());
    }
    boolean isSame =
        lasting(redis.flags()).equals(lasting(row.flags()))
            && redis.aclCategories().equals(row.aclCategories());
    if (isSame == CHANGED_FLAGS.contains(redis.name())) {
      differences.add(
          "%s: %s %s, not %s %s; expected to differ: %s"
              .formatted(
                  redis.name(),
                  row.flags(),
                  row.aclCategories(),
                  redis.flags(),
                  redis.aclCategories(),
                  isSame));
    }
  }

  private static Set<String> lasting(Set<String> flags) {
    Set<String> lasting = new TreeSet<>(flags);
    lasting.removeAll(WORDS_OF_ONE_VERSION);
    return lasting;
  }

  /** Runs where a redis-server 7.0 is installed. */
  @Test
  void everyWordOfRedisSevenIsInItsRow() throws IOException {
    Map<String, PublishedCommand> ours = ours();
    for (RawClient seven : servers.sevens()) {
      Map<String, PublishedCommand> theirs = PublishedCommand.all(seven.send("COMMAND"));
      assertTrue(theirs.size() > 350, "a whole COMMAND reply");
      for (PublishedCommand redis : theirs.values()) {
        PublishedCommand row = ours.get(redis.name());
        assertNotNull(row, redis.name());
        assertEquals(
            OWN_TIPS.contains(redis.name()), !redis.tips().equals(row.tips()), redis.name());
        boolean isTolerant = MORE_ARGUMENTS.contains(redis.name());
        assertEquals(isTolerant, redis.arity() != row.arity(), redis.name());
        assertEquals(redis, withTips(withArity(row, redis.arity()), redis.tips()));
      }
    }
  }

  private static PublishedCommand withArity(PublishedCommand row, long arity) {
    return new PublishedCommand(
        row.name(),
        arity,
        row.flags(),
        row.keyRange(),
        row.aclCategories(),
        row.tips(),
        row.keySpecs());
  }

  private static PublishedCommand withTips(PublishedCommand row, Set<String> tips) {
    return new PublishedCommand(
        row.name(),
        row.arity(),
        row.flags(),
        row.keyRange(),
        row.aclCategories(),
        tips,
        row.keySpecs());
  }

  /** Runs where {@code CASHEW_TEST_REDIS} names servers that are newer than the installed one. */
  @Test
  void everyCommandOfANewerServerIsTakenAndItsKeysAreFound() throws IOException {
    List<RealRedis> newer = RealRedis.startNewer();
    assumeFalse(newer.isEmpty(), "CASHEW_TEST_REDIS names no newer server");
    Map<String, PublishedCommand> ours = ours();
    List<String> differences = new ArrayList<>();
    for (RealRedis server : newer) {
      try (server;
          RawClient client = server.connect()) {
        Map<String, PublishedCommand> theirs = PublishedCommand.all(client.send("COMMAND"));
        assertTrue(theirs.size() > 350, "a whole COMMAND reply");
        theirs.values().forEach(command -> compareWithNewer(command, ours, differences));
      }
    }
    assertEquals(List.of(), differences);
  }

  private static void compareWithNewer(
      PublishedCommand newer, Map<String, PublishedCommand> ours, List<String> differences) {
    Command row = CommandTable.standard().find(newer.name());
    int least = (int) Math.abs(newer.arity());
    if (HTTP.contains(newer.name())) {
      return;
    }
    if (row == null) {
      differences.add(newer.name() + " has no row");
    } else if (!row.takes(least)) {
      differences.add(newer.name() + ": " + least + " arguments are refused");
    } else if (newer.arity() < 0 && !row.takes(least + Math.max(1, row.keyStep()))) {
      differences.add(newer.name() + ": more than " + least + " arguments are refused");
    } else if (ours.containsKey(newer.name())
        && !newer.keyRange().equals(ours.get(newer.name()).keyRange())) {
      differences.add(newer.name() + ": other keys than " + newer.keyRange());
    }
  }

  /** Runs where a redis-server 7.0 is installed. */
  @Test
  void documentationIsOfTheSameShape() throws IOException {
    for (RawClient seven : servers.sevens()) {
      for (String name : List.of("get", "client", "xgroup|create")) {
        Command row = CommandTable.standard().find(name);
        assertNotNull(row);
        ByteBuf buf = Unpooled.buffer();
        CommandReply reply = new CommandReply(buf, false);
        reply.map(1);
        reply.docs(row);
        Object ours = RawClient.readFrom(new ByteBufInputStream(buf));
        assertSaysTheSame(name, ours, seven.send("COMMAND", "DOCS", name));
      }
    }
  }

  /** Everything that we say of a command, Redis says, too. */
  private static void assertSaysTheSame(
      String what, @Nullable Object ours, @Nullable Object theirs) {
    if (!(ours instanceof List<?> our) || !(theirs instanceof List<?> their)) {
      assertEquals(theirs, ours, what);
      return;
    }
    Map<String, @Nullable Object> known = new TreeMap<>();
    for (int i = 0; i < their.size(); i += 2) {
      known.put(String.valueOf(their.get(i)), their.get(i + 1));
    }
    for (int i = 0; i < our.size(); i += 2) {
      String name = String.valueOf(our.get(i));
      if (known.containsKey(name)) {
        assertSaysTheSame(what + "/" + name, our.get(i + 1), known.get(name));
      } else if (!SINCE_SEVEN.contains(name)) {
        fail(what + ": Redis 7.0 does not speak of " + name);
      }
    }
  }

  @Test
  void respThreeHasMapsAndSets() {
    ByteBuf buf = Unpooled.buffer();
    Command get = CommandTable.standard().find("get");
    assertNotNull(get);
    new CommandReply(buf, true).entry(get);
    assertEquals(
        """
        *10
        $3
        get
        :2
        ~2
        +readonly
        +fast
        :1
        :1
        :1
        ~3
        +@read
        +@string
        +@fast
        *0
        *1
        %3
        $5
        flags
        ~2
        +RO
        +access
        $12
        begin_search
        %2
        $4
        type
        $5
        index
        $4
        spec
        %1
        $5
        index
        :1
        $9
        find_keys
        %2
        $4
        type
        $5
        range
        $4
        spec
        %3
        $7
        lastkey
        :0
        $7
        keystep
        :1
        $5
        limit
        :0
        *0
        """,
        buf.toString(java.nio.charset.StandardCharsets.US_ASCII).replace("\r\n", "\n"));
  }
}
