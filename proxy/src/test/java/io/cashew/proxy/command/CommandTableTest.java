package io.cashew.proxy.command;

import static io.cashew.proxy.command.Requests.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandTableTest {
  private final CommandTable table = CommandTable.standard();
  private final Random random = new Random(20);

  /** Finds a name among bytes: a table, or a container. */
  private interface Lookup {
    @Nullable Command find(ByteBuf buf, int offset, int length);
  }

  private Lookup lookup(Command row) {
    int bar = row.name().indexOf('|');
    if (bar < 0) {
      return table::find;
    }
    Command container = known(row.name().substring(0, bar));
    return (buf, offset, length) -> table.findSubcommand(container, buf, offset, length);
  }

  private Command known(String name) {
    Command command = table.find(name);
    assertNotNull(command, name);
    return command;
  }

  private static String word(Command row) {
    return row.name().substring(row.name().indexOf('|') + 1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String randomCase(String name) {
    StringBuilder mixed = new StringBuilder();
    name.chars()
        .map(c -> random.nextBoolean() ? Character.toUpperCase(c) : c)
        .forEach(c -> mixed.append((char) c));
    return mixed.toString();
  }

  /** The bytes in buffers of several sorts: at an offset, with garbage or nothing behind them. */
  private List<ByteBuf> buffers(byte[] name, int offset) {
    byte[] tight = new byte[offset + name.length];
    random.nextBytes(tight);
    System.arraycopy(name, 0, tight, offset, name.length);
    byte[] roomy = new byte[tight.length + 20];
    random.nextBytes(roomy);
    System.arraycopy(tight, 0, roomy, 0, tight.length);
    @SuppressWarnings("deprecation") // such buffers exist, and must be read right
    ByteBuf littleEndian = Unpooled.wrappedBuffer(roomy).order(ByteOrder.LITTLE_ENDIAN);
    int middle = offset + name.length / 2;
    return List.of(
        Unpooled.wrappedBuffer(tight),
        Unpooled.wrappedBuffer(roomy),
        Unpooled.wrappedBuffer(roomy, 0, tight.length),
        Unpooled.directBuffer(tight.length, tight.length).writeBytes(tight),
        littleEndian,
        Unpooled.wrappedBuffer(
            Unpooled.copiedBuffer(tight, 0, middle),
            Unpooled.copiedBuffer(tight, middle, tight.length - middle)));
  }

  private void assertFinds(@Nullable Command expected, Lookup lookup, byte[] name) {
    for (int offset : new int[] {0, 1, 7, 8, 13}) {
      for (ByteBuf buf : buffers(name, offset)) {
        assertSame(
            expected,
            lookup.find(buf, offset, name.length),
            () -> new String(name, StandardCharsets.ISO_8859_1));
        buf.release();
      }
    }
  }

  @Test
  void everyNameIsFoundInAnyCaseAndPlace() {
    for (Command row : table.all()) {
      assertFinds(row, lookup(row), ascii(word(row)));
      assertFinds(row, lookup(row), ascii(randomCase(word(row))));
      assertFinds(row, lookup(row), ascii(word(row).toUpperCase(java.util.Locale.ROOT)));
    }
  }

  @Test
  void namesThatDifferInOneByteAreNotFound() {
    for (Command row : table.all()) {
      Lookup lookup = lookup(row);
      for (byte[] other : nearMisses(ascii(word(row)))) {
        String name = new String(other, StandardCharsets.ISO_8859_1);
        String full = row.name().substring(0, row.name().indexOf('|') + 1) + name;
        // Some are commands themselves: incr, incrb(y).
        Command expected = name.indexOf('|') < 0 ? table.find(full) : null;
        ByteBuf buf = Unpooled.wrappedBuffer(other);
        assertSame(expected, lookup.find(buf, 0, other.length), name);
      }
    }
  }

  private static List<byte[]> nearMisses(byte[] name) {
    List<byte[]> others = new ArrayList<>();
    for (int i = 0; i < name.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        // Bit 5 is the case of a letter; flipped in anything else it makes another byte.
        if (bit != 5 || !Character.isLetter(name[i])) {
          byte[] other = name.clone();
          other[i] ^= (byte) (1 << bit);
          others.add(other);
        }
      }
    }
    for (int b : new int[] {0, ' ', 'x', '_', 0x80, 0xff}) {
      byte[] longer = java.util.Arrays.copyOf(name, name.length + 1);
      longer[name.length] = (byte) b;
      others.add(longer);
    }
    others.add(java.util.Arrays.copyOf(name, name.length - 1));
    others.add(java.util.Arrays.copyOf(name, name.length + 8));
    others.add(java.util.Arrays.copyOf(name, 65_536));
    return others;
  }

  @Test
  void onlyLettersFold() {
    for (int first = 0; first < 256; first++) {
      for (int position = 0; position < 8; position++) {
        long others = 0x4161_5a7a_4061_5bffL & ~(0xffL << (8 * position));
        long word = others | (long) first << (8 * position);
        long folded = NameTable.lowerCase(word) >>> (8 * position) & 0xff;
        assertEquals(first >= 'A' && first <= 'Z' ? first + 32 : first, folded);
      }
    }
  }

  @Test
  void bytesBehindTheNameDoNotCount() {
    Command get = known("get");
    assertSame(get, table.find(Unpooled.wrappedBuffer(ascii("GETRANGE")), 0, 3));
    assertSame(get, table.find(Unpooled.wrappedBuffer(ascii("GET\r\n$3\r\nfoo")), 0, 3));
    assertNull(table.find(Unpooled.wrappedBuffer(ascii("GET")), 0, 0));
  }

  @Test
  void aPipeIsNoWayToNameASubcommand() {
    ByteBuf buf = Unpooled.wrappedBuffer(ascii("client|setname"));
    assertNull(table.find(buf, 0, buf.capacity()));
    assertEquals("client|setname", known("CLIENT|SetName").name());
  }

  @Test
  void aRequestNamesItsSubcommand() {
    assertEquals("client|setname", name(frame("CLIENT", "setName", "x")));
    assertEquals("client", name(frame("CLIENT")));
    assertEquals("client", name(frame("CLIENT", "nonsense")));
    assertEquals("command", name(frame("command")));
    assertEquals("get", name(frame("get", "setname")));
    assertNull(table.find(frame("nonsense", "setname")));
  }

  private @Nullable String name(io.cashew.proxy.resp.RequestFrame frame) {
    Command command = table.find(frame);
    return command == null ? null : command.name();
  }

  @Test
  void arityCountsTheNames() {
    assertTrue(known("get").arityMatches(2));
    assertFalse(known("get").arityMatches(1));
    assertFalse(known("get").arityMatches(3));
    assertTrue(known("set").arityMatches(3));
    assertTrue(known("set").arityMatches(1_000_000));
    assertFalse(known("set").arityMatches(2));
    assertTrue(known("client|setname").arityMatches(3));
    assertFalse(known("client|setname").arityMatches(2));
  }

  @Test
  void keysAndValuesComeInPairs() {
    for (String name : List.of("mset", "msetnx")) {
      assertTrue(known(name).arityMatches(3));
      assertFalse(known(name).arityMatches(4));
      assertTrue(known(name).arityMatches(5));
    }
    assertTrue(known("mget").arityMatches(4));
  }

  @Test
  void xreadBlocksOnlyIfItSaysSo() {
    assertKind(Kind.FORWARD, "XREAD COUNT 1 STREAMS BLOCK 0");
    assertKind(Kind.BLOCKING, "XREAD COUNT 1 block 0 STREAMS a 0");
    assertKind(Kind.FORWARD, "XREADGROUP GROUP BLOCK BLOCK STREAMS a >");
    assertKind(Kind.BLOCKING, "XREADGROUP GROUP g c Block 0 STREAMS a >");
    assertKind(Kind.BLOCKING, "BLPOP a 0");
    assertKind(Kind.FORWARD, "GET BLOCK");
  }

  private void assertKind(Kind expected, String request) {
    io.cashew.proxy.resp.RequestFrame frame = frame(Requests.words(request));
    Command command = table.find(frame);
    assertNotNull(command);
    assertEquals(expected, command.kind(frame), request);
  }

  @Test
  void rowsComeInTheOrderOfTheirNames() {
    List<String> names = table.commands().stream().map(Command::name).toList();
    assertEquals(names.stream().sorted().toList(), names);
    assertTrue(names.stream().noneMatch(name -> name.contains("|")));
    assertEquals(
        table.all().size(),
        table.commands().stream()
            .flatMap(c -> Stream.concat(Stream.of(c), c.subcommands().stream()))
            .count());
  }

  @Test
  void aContainerThatListsNoSubcommandsTakesWhatIsOfNoOtherRow() {
    assertEquals("debug|object", named("DEBUG", "object", "key"));
    assertEquals("debug", named("DEBUG", "OBJECT"));
    assertEquals("debug", named("DEBUG", "SLEEP", "0"));
    assertEquals("debug", named("DEBUG"));
    assertTrue(table.listed().stream().noneMatch(row -> row.name().startsWith("debug|")));
  }

  private @Nullable String named(String... request) {
    Command command = table.find(frame(request));
    return command == null ? null : command.name();
  }

  @Test
  void everyRowOfRedisHasASummaryAndEverySummaryARow() {
    assertEquals(
        table.listed().stream()
            .filter(row -> !row.has(CommandFlag.MODULE))
            .map(Command::name)
            .filter(name -> !name.equals("hotkeys")) // Cashew's own
            .sorted()
            .toList(),
        CommandDocs.all().keySet().stream().sorted().toList());
  }

  @Test
  void moduleCommandsCanBeAdded() {
    CommandTable more =
        table.with(
            List.of(
                Command.ofModule("YAML.GET", -2, 1, 1, 1, false),
                Command.ofModule("yaml.mset", -4, 1, -1, 3, true),
                Command.ofModule("yaml", -2, 0, 0, 0, false),
                Command.ofModule("yaml|debug", -3, 2, 2, 1, false)));
    ByteBuf buf = Unpooled.wrappedBuffer(ascii("xYaml.Get"));
    Command get = more.find(buf, 1, 8);
    assertNotNull(get);
    assertEquals(Kind.FORWARD, get.kind());
    assertEquals(1, get.firstKey());
    assertTrue(get.has(CommandFlag.READONLY));
    assertNull(table.find(buf, 1, 8));
    Command debug = more.find(frame("yaml", "DEBUG", "k"));
    assertNotNull(debug);
    assertEquals("yaml|debug", debug.name());
    assertEquals(table.all().size() + 4, more.all().size());
    Command mset = more.find("yaml.mset");
    assertNotNull(mset);
    KeyPositions keys = new KeyPositions();
    assertTrue(mset.keys(frame("yaml.mset", "a", "$", "1", "b", "$", "2"), keys));
    assertEquals(2, keys.count());
    assertEquals(4, keys.index(1));
  }

  @Test
  void rowsThatContradictThemselvesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Command.ofModule("a.b", -1, 1, 1, 1, false));
    assertThrows(IllegalArgumentException.class, () -> Command.ofModule("a.b", -3, 2, 1, 1, false));
    assertThrows(
        IllegalArgumentException.class, () -> Command.ofModule("a.b", -3, 1, -1, 0, false));
    assertThrows(IllegalArgumentException.class, () -> Command.ofModule("a b", -2, 1, 1, 1, false));
    assertThrows(IllegalArgumentException.class, () -> Command.ofModule("a", 0, 0, 0, 0, false));
    assertThrows(
        IllegalArgumentException.class,
        () -> table.with(List.of(Command.ofModule("nobody|home", 2, 0, 0, 0, false))));
  }

  @Test
  void whatMayServeBlockedClientsIsKnown() {
    for (String name :
        List.of(
            "lpush",
            "rpush",
            "lpushx",
            "linsert",
            "lmove",
            "rpoplpush",
            "blmove",
            "zadd",
            "zincrby",
            "zunionstore",
            "zrangestore",
            "geoadd",
            "georadius",
            "xadd",
            "xgroup|create",
            "rename",
            "renamenx",
            "copy",
            "restore",
            "move",
            "sort",
            "eval",
            "evalsha",
            "fcall",
            "exec")) {
      assertTrue(known(name).mayServeWaiters(), name);
    }
    assertTrue(known("swapdb").mayServeWaiters(), "it brings keys of another database");
    for (String name :
        List.of(
            "get",
            "set",
            "incr",
            "mset",
            "hset",
            "sadd",
            "sinterstore",
            "pfadd",
            "setbit",
            "del",
            "lpop",
            "blpop",
            "lrem",
            "zrem",
            "xread",
            "publish",
            "multi",
            "wait",
            "ping",
            "eval_ro",
            "fcall_ro")) {
      assertFalse(known(name).mayServeWaiters(), name);
    }
  }
}
