package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The snippets of {@code docs/clients.md}, by the names of the files that they stand for. A line of
 * code says in a comment what it prints.
 */
final class ClientsPage {
  private static final String PAGE = "docs/clients.md";
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- (snippet|not run): (\\S+) -->\n```\\w+\n(.*?)\n```\n", Pattern.DOTALL);
  private static final Pattern PRINTS = Pattern.compile("(?://|#) prints (.*)");

  /** The port that the page has everywhere. */
  private static final String PORT = "22121";

  private static final int LIMIT_SECONDS = 240;

  private ClientsPage() {}

  /** The text of each snippet that can be run. */
  static Map<String, String> snippets() throws IOException {
    Map<String, String> snippets = new LinkedHashMap<>();
    Matcher matcher = SNIPPET.matcher(RepositoryFiles.text(PAGE));
    while (matcher.find()) {
      if (matcher.group(1).equals("snippet")) {
        snippets.put(matcher.group(2), matcher.group(3));
      }
    }
    return snippets;
  }

  /** How many blocks of code the page has, and how many of those are named. */
  static int[] blocksAndNamed() throws IOException {
    String page = RepositoryFiles.text(PAGE);
    int fences = (int) page.lines().filter(line -> line.startsWith("```")).count();
    int hocon = (int) page.lines().filter(line -> line.equals("```hocon")).count();
    return new int[] {fences / 2 - hocon, (int) SNIPPET.matcher(page).results().count()};
  }

  /** Writes a snippet's file, for a proxy at this port. */
  static Path write(Path directory, String name, int port) throws IOException {
    return Files.writeString(directory.resolve(name), text(name).replace(PORT, "" + port) + "\n");
  }

  /** What a snippet says that it prints, line by line. */
  static List<String> prints(String name) throws IOException {
    return PRINTS.matcher(text(name)).results().map(result -> result.group(1)).toList();
  }

  private static String text(String name) throws IOException {
    String text = snippets().get(name);
    if (text == null) {
      throw new AssertionError(PAGE + " has no snippet " + name);
    }
    return text;
  }

  /** Runs a program to its end and asserts that it prints what the snippet says, and no more. */
  static void assertPrints(String snippet, Path directory, List<String> command) throws Exception {
    Path errors = directory.resolve(snippet + ".errors");
    Path output = directory.resolve(snippet + ".output");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(errors.toFile())
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(output));
    lines.add("exit status " + process.exitValue());
    List<String> expected = new ArrayList<>(prints(snippet));
    expected.add("exit status 0");
    String said = Files.readString(errors);
    assertEquals(expected, lines, () -> snippet + ": " + said);
  }
}
