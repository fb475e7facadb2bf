package io.cashew.proxy.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text of a configuration is what the file has, or the file is refused. */
class TextsAsWrittenTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_128L);
  private static final int ROUNDS = 3_000;

  private final Path directory;

  TextsAsWrittenTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static String file(String lines) {
    return "cashew.pools.p {\n listen = \"a:1\", nodes = [ \"a:2\" ]\n" + lines + "\n}\n";
  }

  private static PoolSettings pool(String lines) throws ConfigException {
    return HoconReader.read(file(lines), "cashew.conf").pools().get(0);
  }

  private static String password(String lines) throws ConfigException {
    return pool(lines).auth().password().orElseThrow().value();
  }

  private static ConfigProblem problem(String text) {
    List<ConfigProblem> problems =
        assertThrows(ConfigException.class, () -> HoconReader.read(text, "cashew.conf")).problems();
    assertEquals(1, problems.size(), problems::toString);
    return problems.get(0);
  }

  private static void assertRefused(String lines, int line, String cure) {
    ConfigProblem problem = problem(file(lines));
    assertEquals(line, problem.line(), problem::toString);
    assertTrue(problem.text().contains(cure), problem::toString);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static ConfigProblem problem(Path file) {
    return assertThrows(ConfigException.class, () -> ConfigFile.read(file)).problems().get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0123",
        "01",
        "00",
        "-0",
        "1e3",
        "1E400",
        "1e-400",
        "1.0",
        "1.",
        "1.50",
        "0x10",
        "1_000",
        "1-1",
        "12345678901234567890",
        "0.1000000000000000055511151231257827",
        "true",
        "false",
        "yes",
        "off",
        "trueish",
        "falsehood",
        "nullable",
        "true.5",
        "10ms",
        "1GiB",
        "NaN",
        "Infinity",
        "none",
        "a/b",
        "a;b",
        "~x|y<z>",
        "(x)",
        "'single'",
        "£é漢😀"
      })
  void anUnquotedWordIsItself(String word) throws ConfigException {
    assertEquals(word, password("auth.password = " + word));
    assertEquals(word, password("auth.password = x\nauth.password = " + word));
    assertEquals(word, password("auth { password = " + word + "   }"));
    assertEquals(word, password("auth.password = " + word + " # a comment"));
    assertEquals(word, password("auth.password = " + word + "\t// a comment"));
    assertEquals(word, password("auth.password = " + word + "\r"));
    assertEquals(
        word,
        password(
            "node-auth.password = "
                + word
                + "\nauth.password = ${cashew.pools.p.node-auth.password}"));
    assertEquals(
        "a" + word + "b",
        password(
            "node-auth { password = "
                + word
                + " }, auth.password = a${cashew.pools.p.node-auth.password}b"));
    assertEquals("x " + word, password("auth.password = x " + word));
    assertEquals(word + "  x", password("auth.password = " + word + "  x"));
    assertEquals(
        word, pool("nodes += { address = \"a:3\", name = " + word + " }").nodes().get(1).name());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123", "01", "-0", "1e3", "0x10", "1_000", "true", "null", "nullable"})
  void anUnquotedNameOfAUserOrAPoolIsItself(String word) throws ConfigException {
    assertEquals(
        List.of(word),
        pool("auth.users { " + word + " { rules = on } }").auth().users().stream()
            .map(UserSettings::name)
            .toList());
    assertEquals(
        word,
        HoconReader.read(
                "cashew.pools { " + word + " { listen = \"a:1\", nodes = [ \"a:2\" ] } }", "c.conf")
            .pools()
            .get(0)
            .name());
  }

  @Test
  void anUnquotedNameWithADotIsRefused() {
    assertRefused("auth.users.john.doe { rules = on }", 3, "needs quotes, \"john.doe\"");
    assertRefused("auth.users.1.50 { rules = on }", 3, "needs quotes, \"1.50\"");
    ConfigProblem pool = problem("cashew.pools.a.b { listen = \"a:1\", nodes = [ \"a:2\" ] }");
    assertTrue(pool.text().contains("needs quotes, \"a.b\""), pool::toString);
  }

  @Test
  void nullIsNoText() {
    assertRefused("auth.password = null", 3, "write \"null\" in quotes, or leave the key out");
    assertRefused(
        "nodes += { address = \"a:3\", name = null }", 3, "write \"null\" in quotes, or leave");
    assertRefused("listen = null", 3, "write \"null\" in quotes");
    assertRefused("node-tls { enabled = true, ca = null }", 3, "write \"null\" in quotes");
    assertRefused("key-tag = null", 3, "write \"null\" in quotes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth.password = s3cret#2024",
        "auth.password = a//b",
        "auth.password = 12#3",
        "auth.password = \"s3cret\"#2024",
        "auth.password = \"\"\"s3cret\"\"\"#2024",
        "auth.password = ${?HOME}#2024",
        "auth { password = s3cret#2024 }",
        "access-log.file = /var//log/x",
        "nodes += { address = \"a:3\", name = c#1 }",
        "auth.users { john#1 { rules = on } }"
      })
  void aCommentInTheMiddleOfATextIsRefused(String line) {
    assertRefused(line, 3, "in quotes");
    assertFalse(problem(file(line)).toString().contains("s3cret#"), "no secret is repeated");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth.password = s3\"cr\"et",
        "auth.password = \"s3\"cret",
        "auth.password = s3cret\"\"",
        "auth.password = \"\"s3cret\"\"",
        "auth.password = \"s3\"\"cret\"",
        "auth.password = s3\"\"\"cret\"\"\"",
        "auth.password = ${?HOME}s3\"cret\"",
        "auth.password = s3.\"cret\"",
        "auth { password = s3\"cret\" }",
        "auth.password = x, node-auth.password = s3\"cret\"",
        "nodes += { address = \"a:3\", name = c\"1\" }",
        "nodes = [ \"a:3\", x\n  \"a:4\"\"b\" ]",
        "auth.users { \"john\"doe { rules = on } }",
        "auth.users.john\"doe\" { rules = on }"
      })
  void aQuoteInTheMiddleOfATextIsRefused(String line) {
    assertRefused(line, line.contains("\n") ? 4 : 3, "with a backslash before each quote in it");
    assertFalse(problem(file(line)).toString().contains("s3"), "no secret is repeated");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth.\"password\" = s3cret",
        "\"auth\".password:\"s3cret\"",
        "auth{\"password\"=\"s3cret\"}",
        "auth.password=${?CASHEW_NOT_SET}\"s3\"${?CASHEW_NOT_SET}cret",
        "nodes=[\"a:3\",\"a:4\"]\nauth.password=s3cret",
        "nodes+=\"a:3\"\nauth.password=s3cret",
        "auth.users.\"john.doe\".rules = on\nauth.password = s3cret"
      })
  void aQuoteElsewhereIsAQuote(String lines) throws ConfigException {
    assertEquals("s3cret", password(lines));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth.password = #s3cret\ninclude \"extra.conf\"",
        "auth.password = //s3cret\nnextline",
        "auth.password : # s3cret\n\n# more\nnextline",
        "auth { password = #s3cret\n }",
        "auth.password += #s3cret\nnextline"
      })
  void aCommentInTheirPlaceIsRefused(String lines) {
    assertRefused(lines, 3, "a comment stands where a value should be");
  }

  @Test
  void anObjectOrAListMayBeginBehindAComment() throws ConfigException {
    assertEquals("s3cret", password("auth = # who\n // may\n { password = s3cret }"));
    assertEquals(1, pool("nodes = # these\n [ \"a:3\" ]").nodes().size());
    assertEquals("s3cret", password("auth.password =\n # on a line of its own\n s3cret"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth.password = s3cret # 2024",
        "auth.password = s3cret //2024",
        "auth.password = \"s3cret\" # 2024",
        "auth { password = s3cret }# 2024",
        "auth {# 2024\n password = s3cret }",
        "auth.password = s3cret,// 2024",
        "#a#b//c\nauth.password = s3cret\n//#",
        "auth.password = s3cret # \"an open quote"
      })
  void aCommentElsewhereIsAComment(String lines) throws ConfigException {
    assertEquals("s3cret", password(lines));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a#b", "a//b", "#", "//", " a ", "${x}", "a\\\\b", "\\u00e9"})
  void whatIsInQuotesIsTheText(String quoted) throws ConfigException {
    String text = quoted.replace("\\\\", "\\").replace("\\u00e9", "é");
    assertEquals(text, password("auth.password = \"" + quoted + "\""));
  }

  @Test
  void threeQuotesEndAtTheLastOfThem() throws ConfigException {
    assertEquals("a\"b#\\n\"", password("auth.password = \"\"\"a\"b#\\n\"\"\"\""));
    assertEquals("a\r\n#b", password("auth.password = \"\"\"a\r\n#b\"\"\""));
  }

  @Test
  void twoTextsOfAListAreNotOne() throws ConfigException {
    assertRefused("nodes = [ \"a:3\" \"a:4\" ]", 3, "put a comma between them");
    assertRefused("nodes = [ ${?HOME} \"a:4\" ]", 3, "put a comma between them");
    assertEquals(2, pool("nodes = [ \"a:3\"\n \"a:4\" ]").nodes().size());
    assertEquals(
        "b c", pool("auth.password = \"b\" \"c\"").auth().password().orElseThrow().value());
  }

  @ParameterizedTest
  @ValueSource(ints = {0xa0, 0x2007, 0x202f, 0xfeff, 0x0c, 0x2028, 0x3000})
  void whiteSpaceThatIsNotSeenIsRefused(int space) {
    assertRefused(
        "auth.password = s3cret" + Character.toString(space), 3, String.format("U+%04X", space));
  }

  @Test
  void halfACharacterIsNoText() throws ConfigException {
    assertRefused("auth.password = \"\\ud800\"", 3, "surrogate");
    assertRefused("auth.users { \"\\ud800\" { rules = on } }", 3, "surrogate");
    assertEquals("😀", password("auth.password = \"\\ud83d\\ude00\""));
  }

  @Test
  void aVariableOfTheEnvironmentIsAText() throws ConfigException {
    String home = System.getenv("HOME");
    assertEquals(home, password("auth.password = ${HOME}"));
    assertEquals(home, password("auth.password = x\nauth.password = ${?HOME}"));
    assertEquals("x", password("auth.password = x\nauth.password = ${?CASHEW_NOT_SET}"));
  }

  @Test
  void anIncludedFileIsReadAsTheFileThatIncludesIt() throws Exception {
    write("secret.conf", "auth.password = 0123\nnode-auth.password = 1e3 # a comment\n");
    write(
        "secret.json",
        "{ \"auth\" : { \"password\" : 0.10 }, \"node-auth\": {\"password\": \"a#b\"} }");
    PoolSettings conf =
        ConfigFile.read(write("a.conf", file("include \"secret.conf\""))).pools().get(0);
    assertEquals("0123", conf.auth().password().orElseThrow().value());
    assertEquals("1e3", conf.auth().nodeAuth().orElseThrow().password().value());
    PoolSettings json =
        ConfigFile.read(write("a.conf", file("include \"secret.json\""))).pools().get(0);
    assertEquals("0.10", json.auth().password().orElseThrow().value());
    assertEquals("a#b", json.auth().nodeAuth().orElseThrow().password().value());
    Path inner = write("secret.conf", "# one\nauth.password = s3cret#2024");
    ConfigProblem problem = problem(write("a.conf", file("include \"secret.conf\"")));
    assertEquals(inner + ":2", problem.file() + ":" + problem.line());
  }

  @Test
  void anIncludedFileIsLookedForBesideTheFileThatIncludesIt() throws Exception {
    Path inner = Files.createDirectory(directory.resolve("inner"));
    Files.writeString(inner.resolve("secret.conf"), "auth.password = 0123");
    for (String include :
        List.of("\"secret.conf\"", "file(\"secret.conf\")", "required(file(\"secret.conf\"))")) {
      Files.writeString(inner.resolve("more.conf"), "include " + include);
      PoolSettings pool =
          ConfigFile.read(write("a.conf", file("include \"inner/more.conf\""))).pools().get(0);
      assertEquals("0123", pool.auth().password().orElseThrow().value(), include);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include \"missing.conf\"",
        "include \"missing\"",
        "include required(\"missing.json\")",
        "include \"missing.d/x.conf\""
      })
  void anIncludedFileThatIsNotThereIsSaid(String line) throws IOException {
    ConfigProblem problem = problem(write("a.conf", file("\n" + line)));
    assertEquals(4, problem.line());
    assertTrue(problem.text().contains("missing"), problem::toString);
    assertTrue(problem.text().contains("there is no file " + directory), problem::toString);
  }

  @Test
  void onlyFilesOfHoconAndJsonAreIncluded() throws IOException {
    write("x.properties", "auth.password=a\\b");
    write("plain", "auth.password=ab");
    assertTrue(
        problem(write("a.conf", file("include \"x.properties\""))).text().contains("properties"));
    assertTrue(problem(write("a.conf", file("include \"plain\""))).text().contains("must end in"));
    assertTrue(
        problem(write("a.conf", file("include url(\"file:///x.conf\")"))).text().contains("a URL"));
    assertTrue(
        problem(write("a.conf", file("include \"http://h/x.conf\""))).text().contains("a URL"));
    assertTrue(
        problem(write("a.conf", file("include classpath(\"x.conf\")")))
            .text()
            .contains("not a file"));
    write("y.conf", "");
    write("y.json", "{}");
    assertTrue(problem(write("a.conf", file("include \"y\""))).text().contains("two files"));
  }

  @Test
  void aFileThatIncludesItselfIsRefused() throws IOException {
    ConfigProblem problem = problem(write("a.conf", "include \"a.conf\""));
    assertTrue(problem.text().contains("includes itself"), problem::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.conf", "a.yml"})
  void aFileThatIsNotUtf8IsRefusedWithItsPlace(String name) throws IOException {
    for (Charset charset : List.of(ISO_8859_1, UTF_16)) {
      Path file = directory.resolve(name);
      Files.writeString(file, "# one\n#  é\n", charset);
      ConfigProblem problem = problem(file);
      assertEquals(charset.equals(UTF_16) ? 1 : 2, problem.line(), problem::toString);
      assertTrue(problem.text().contains("is not UTF-8: byte"), problem::toString);
    }
    Path inner = Files.writeString(directory.resolve("in.conf"), "\n\nx = é", ISO_8859_1);
    ConfigProblem problem = problem(write("outer.conf", file("include \"in.conf\"")));
    assertEquals(inner + ":3", problem.file() + ":" + problem.line());
    assertTrue(problem.text().contains("byte 5 of this line is 0xe9"), problem::toString);
  }

  @Test
  void aByteOrderMarkIsNoPartOfAnything() throws Exception {
    assertEquals(
        "s",
        ConfigFile.read(write("a.conf", "\uFEFF" + file("auth.password = s")))
            .pools()
            .get(0)
            .auth()
            .password()
            .orElseThrow()
            .value());
    assertEquals(
        "alpha",
        ConfigFile.read(
                write("a.yml", "\uFEFFalpha:\n listen: a:1\n redis: true\n servers:\n - a:2:1\n"))
            .pools()
            .get(0)
            .name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0123",
        "1e3",
        "1.0",
        "0x10",
        "1_000",
        "yes",
        "true",
        "~",
        "null",
        "s3cret#2024",
        "a//b",
        "0o7",
        ".inf",
        "12:30:45",
        "2001-01-01",
        "<<",
        "=",
        "\"\\u00e9\"",
        "'a ''b'''"
      })
  void aTextOfNutcrackerYmlIsAsTwemproxyReadsIt(String word) throws ConfigException {
    String text = word.startsWith("\"") ? "é" : word.startsWith("'") ? "a 'b'" : word;
    String name = text.replace(" ", "");
    PoolSettings pool =
        NutcrackerReader.read(
                "p:\r\n listen: a:1\r\n redis: true\r\n redis_auth: "
                    + word
                    + "  \r\n servers:\r\n - a:2:1 "
                    + (word.startsWith("\"") || word.startsWith("'") ? name : word)
                    + "\r\n",
                "n.yml")
            .pools()
            .get(0);
    assertEquals(text, pool.auth().password().orElseThrow().value());
    assertEquals(name, pool.nodes().get(0).name());
  }

  /** Any word at all, from characters that mean something to some parser. */
  @Test
  void aWordIsItselfOrRefused() {
    String characters = "01239.eE+-_ \t/#$\"{}[]:=,`^?!@*&\\;~|<>()'%aflnrstux\u00a0é\u0000\u007f";
    Random random = new Random(SEED);
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder word = new StringBuilder();
      for (int i = 1 + random.nextInt(7); i > 0; i--) {
        word.append(characters.charAt(random.nextInt(characters.length())));
      }
      // White space around a value, quotes and commas are HOCON's own.
      String text = word.toString().strip();
      if (text.isEmpty() || text.matches("(?s).*[\",#\\[{}].*|.*//.*")) {
        continue;
      }
      String message = "'" + text + "' of seed " + SEED;
      try {
        assertEquals(text, password("auth.password = " + text), message);
        taken++;
      } catch (ConfigException refused) {
        assertEquals(3, refused.problems().get(0).line(), message);
      }
    }
    assertTrue(taken > ROUNDS / 20, "some are taken: " + taken);
  }
}
