package io.cashew.proxy.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text file of requests, one a line, quoted as in redis-cli; {@code #} begins a comment.
 *
 * <p>A line may begin with the first version of Redis that it is for ({@code ?7.0}) and with who
 * does what: a capital letter names the connection, a sign the {@link Step.Action}. Without these
 * connection {@code A} sends a request and reads its reply. An argument that is {@code @B} stands
 * for the text of the last reply to connection {@code B}, and <code>@{x*1000}</code> for so many
 * characters.
 */
record Script(String name, List<Step> steps) {
  private static final Pattern VERSION = Pattern.compile("\\?(\\d)\\.(\\d) +");
  private static final Pattern ACTION = Pattern.compile("([A-Z])([>|!<=~.]) *");
  private static final Pattern REPEATED = Pattern.compile("@\\{(.)\\*(\\d+)}");

  /** Reads {@code conformance/NAME.txt} of the test resources. */
  static Script load(String name) {
    String file = "/conformance/" + name + ".txt";
    try (InputStream in = Script.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + file);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<Step> steps = new ArrayList<>();
      int number = 0;
      for (String line : text.lines().toList()) {
        number++;
        if (!line.isBlank() && !line.startsWith("#")) {
          steps.add(step(name + ".txt:" + number, line));
        }
      }
      return new Script(name, List.copyOf(steps));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Step step(String place, String line) {
    int since = 0;
    String rest = line;
    Matcher version = VERSION.matcher(rest);
    if (version.lookingAt()) {
      since = 10 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2));
      rest = rest.substring(version.end());
    }
    char connection = 'A';
    Step.Action action = Step.Action.CALL;
    Matcher who = ACTION.matcher(rest);
    if (who.lookingAt()) {
      connection = who.group(1).charAt(0);
      char sign = who.group(2).charAt(0);
      for (Step.Action candidate : Step.Action.values()) {
        action = candidate.sign == sign ? candidate : action;
      }
      rest = rest.substring(who.end());
    }
    return new Step(place, line, since, connection, action, arguments(place, rest));
  }

  /** Cuts a line into arguments as redis-cli does; characters are bytes. */
  private static List<String> arguments(String place, String line) {
    String bytes = new String(line.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    List<String> arguments = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < bytes.length() && bytes.charAt(at) == ' ') {
        at++;
      }
      if (at == bytes.length()) {
        return List.copyOf(arguments);
      }
      StringBuilder argument = new StringBuilder();
      char quote = bytes.charAt(at);
      if (quote == '"' || quote == '\'') {
        at = quoted(place, bytes, at + 1, quote, argument);
        arguments.add(argument.toString());
      } else {
        int end = bytes.indexOf(' ', at);
        end = end < 0 ? bytes.length() : end;
        arguments.add(repeated(bytes.substring(at, end)));
        at = end;
      }
    }
  }

  private static int quoted(String place, String line, int from, char quote, StringBuilder to) {
    int at = from;
    while (at < line.length() && line.charAt(at) != quote) {
      char c = line.charAt(at++);
      if (c == '\\' && quote == '\'') {
        if (line.charAt(at) == '\'') {
          at++;
          c = '\'';
        }
      } else if (c == '\\') {
        c = line.charAt(at++);
        switch (c) {
          case 'x' -> {
            c = (char) Integer.parseInt(line.substring(at, at + 2), 16);
            at += 2;
          }
          case 'n' -> c = '\n';
          case 'r' -> c = '\r';
          case 't' -> c = '\t';
          case 'b' -> c = '\b';
          case 'a' -> c = 7;
          default -> {
            // Any other character stands for itself.
          }
        }
      }
      to.append(c);
    }
    if (at == line.length()) {
      throw new IllegalArgumentException(place + ": a quote that does not end: " + line);
    }
    return at + 1;
  }

  private static String repeated(String word) {
    return REPEATED
        .matcher(word)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(match.group(1).repeat(Integer.parseInt(match.group(2)))));
  }
}
