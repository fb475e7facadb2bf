package io.cashew.proxy.config;

import com.typesafe.config.ConfigUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The shards of a {@code ShardedJedis}, one a line in the order of its list, as a pool: {@code
 * host:port[:weight] [name]}, or the URI that {@code JedisShardInfo} takes, with a name behind it.
 * Used by one thread.
 */
public final class ShardList {
  private final String file;
  private final List<String> nodes = new ArrayList<>();
  private final List<ConfigProblem> problems = new ArrayList<>();
  private final Set<String> logins = new LinkedHashSet<>();
  private final Set<String> schemes = new LinkedHashSet<>();
  private final Set<String> databases = new LinkedHashSet<>();

  private ShardList(String file) {
    this.file = file;
  }

  /**
   * What the application computed with.
   *
   * @param hash {@code murmur} or {@code md5}
   * @param points which Jedis named the points; empty: names and weights do not need it
   * @param keyTag the pattern that was passed; empty: none
   */
  public record Options(String hash, Optional<String> points, Optional<String> keyTag) {}

  /**
   * Reads a list.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public static Settings read(Path path, Options options) throws ConfigException {
    String file = path.toString();
    ShardList list = new ShardList(file);
    List<String> lines = list.lines(path);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        list.shard(line, i + 1);
      }
    }
    list.oneOf(list.logins, "users and passwords");
    list.oneOf(list.schemes, "schemes");
    list.oneOf(list.databases, "databases");
    if (!list.problems.isEmpty()) {
      throw new ConfigException(list.problems);
    }
    return HoconReader.read(list.pool(options), file);
  }

  private List<String> lines(Path path) {
    try {
      return TextFile.read(path).replaceFirst("^\uFEFF", "").lines().toList();
    } catch (TextFile.UnreadableException wrong) {
      problems.add(new ConfigProblem(file, wrong.line(), "", wrong.text()));
      return List.of();
    }
  }

  private void oneOf(Set<String> values, String what) {
    if (values.size() > 1) {
      problems.add(
          new ConfigProblem(
              file, 0, "", "has shards of different " + what + ", of which a pool has one"));
    }
  }

  private void shard(String line, int number) {
    int space = line.indexOf(' ');
    String place = space < 0 ? line : line.substring(0, space);
    String name = space < 0 ? "" : " " + line.substring(space).strip();
    if (place.contains("://")) {
      try {
        nodes.add(ConfigUtil.quoteString(address(new URI(place)) + name));
      } catch (URISyntaxException | IllegalArgumentException wrong) {
        problems.add(
            new ConfigProblem(
                file, number, "", "must be redis://[[user]:password@]host:port[/database] [name]"));
      }
    } else {
      logins.add("");
      schemes.add("redis");
      databases.add("0");
      nodes.add(ConfigUtil.quoteString(line));
    }
  }

  private String address(URI uri) {
    boolean known = List.of("redis", "rediss").contains(uri.getScheme());
    if (!known || uri.getHost() == null || uri.getPort() < 0) {
      throw new IllegalArgumentException();
    }
    String login = uri.getUserInfo();
    String path = uri.getPath();
    logins.add(login == null ? "" : login);
    schemes.add(uri.getScheme());
    databases.add(path == null || path.length() < 2 ? "0" : path.substring(1));
    return uri.getHost() + ":" + uri.getPort();
  }

  private String pool(Options options) {
    StringBuilder text = new StringBuilder("cashew.pools.shards {\n");
    line(text, "listen", ConfigUtil.quoteString("127.0.0.1:22121"));
    line(text, "distribution", "sharded-jedis");
    line(text, "hash", ConfigUtil.quoteString(options.hash()));
    options
        .points()
        .ifPresent(points -> line(text, "sharded-jedis-points", ConfigUtil.quoteString(points)));
    options.keyTag().ifPresent(tag -> line(text, "key-tag", ConfigUtil.quoteString(tag)));
    login(text);
    if (schemes.contains("rediss")) {
      line(text, "node-tls.enabled", "true");
    }
    databases.stream()
        .filter(database -> !database.equals("0"))
        .forEach(database -> line(text, "database", ConfigUtil.quoteString(database)));
    line(text, "nodes", nodes.toString());
    return text.append("}\n").toString();
  }

  private void login(StringBuilder text) {
    for (String login : logins) {
      int colon = login.indexOf(':');
      if (colon > 0) {
        line(text, "node-auth.username", ConfigUtil.quoteString(login.substring(0, colon)));
      }
      if (!login.isEmpty()) {
        line(text, "node-auth.password", ConfigUtil.quoteString(login.substring(colon + 1)));
      }
    }
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append("  ").append(key).append(" = ").append(value).append('\n');
  }
}
