package io.cashew.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bytes that have been trouble somewhere, from the files in {@code corpus/}. */
public final class Corpus {
  private Corpus() {}

  /** One input: what the file says of it, its name, and its bytes, characters being bytes. */
  public record Row(String tag, String name, String text) {
    /** Its bytes. */
    public byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Requests: the tag is {@code close} or {@code error}, what becomes of them. */
  public static List<Row> requests() {
    return rows("requests.txt");
  }

  /** Replies that are none: the tag is {@code bad}, or {@code short} if the end is missing. */
  public static List<Row> replies() {
    return rows("replies.txt");
  }

  /** A file as it is. */
  public static String file(String name) {
    try (InputStream in = Corpus.class.getResourceAsStream("/corpus/" + name)) {
      if (in == null) {
        throw new IllegalStateException("no test resource corpus/" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Row> rows(String name) {
    return file(name)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t", 3))
        .map(parts -> new Row(parts[0], parts[1], unescape(parts[2])))
        .toList();
  }

  private static String unescape(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '\\') {
        out.write(text.charAt(i));
        continue;
      }
      i++;
      switch (text.charAt(i)) {
        case 'r' -> out.write('\r');
        case 'n' -> out.write('\n');
        case 't' -> out.write('\t');
        case '0' -> out.write(0);
        case '\\' -> out.write('\\');
        case 'x' -> {
          out.write(Integer.parseInt(text, i + 1, i + 3, 16));
          i += 2;
        }
        case '{' -> {
          int star = text.indexOf('*', i);
          int end = text.indexOf('}', star + 1);
          int times = Integer.parseInt(text, i + 1, star, 10);
          String repeated = unescape(text.substring(star + 1, end)).repeat(times);
          out.writeBytes(repeated.getBytes(StandardCharsets.ISO_8859_1));
          i = end;
        }
        default -> throw new IllegalArgumentException("not an escape: " + text.substring(i - 1));
      }
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }
}
