package io.cashew.proxy.config;

import com.typesafe.config.ConfigUtil;
import java.util.stream.Stream;

/**
 * Writes {@link Settings} as HOCON that a person can read: what differs from the defaults, and the
 * nodes. Reading it again gives equal settings, with one exception: a pool without a time-out gets
 * the default one, and a comment that says so, since a HOCON file always has one.
 *
 * <p>Passwords are written as they are, those of users as hashes.
 */
public final class HoconWriter {
  private final StringBuilder text = new StringBuilder();

  private HoconWriter() {}

  /** The text of a HOCON file. */
  public static String write(Settings settings) {
    return write(settings, false);
  }

  /** The same with {@code ***} for passwords and their hashes: for people to read. */
  public static String writeWithoutSecrets(Settings settings) {
    return write(settings, true);
  }

  private static String write(Settings settings, boolean hidesSecrets) {
    HoconWriter writer = new HoconWriter();
    writer.line(0, "cashew {");
    writer.settings(1, but(Settings.TABLE.written(settings, hidesSecrets), Settings.POOLS));
    for (PoolSettings pool : settings.pools()) {
      writer.line(1, "pools." + ConfigUtil.joinPath(pool.name()) + " {");
      writer.settings(2, but(PoolSettings.TABLE.written(pool, hidesSecrets), PoolSettings.NODES));
      if (!pool.nodes().isEmpty()) {
        writer.value(2, PoolSettings.NODES.key(), PoolSettings.NODES.text(pool, hidesSecrets));
      }
      writer.line(1, "}");
    }
    writer.line(0, "}");
    return writer.text.toString();
  }

  /** What is long comes last. */
  private static Stream<Table.Written> but(Stream<Table.Written> lines, Setting<?, ?> last) {
    return lines.filter(line -> !line.key().equals(last.key()));
  }

  private void settings(int depth, Stream<Table.Written> lines) {
    lines.forEach(
        line -> {
          if (!line.remark().isEmpty()) {
            line(depth, "# " + line.remark());
          }
          value(depth, line.key(), line.text());
        });
  }

  private void value(int depth, String key, String value) {
    (key + " = " + value).lines().forEach(each -> line(depth, each));
  }

  private void line(int depth, String line) {
    text.append("  ".repeat(depth)).append(line).append('\n');
  }
}
