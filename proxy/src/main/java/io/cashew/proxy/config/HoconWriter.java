package io.cashew.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigUtil;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashTag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes {@link Settings} as HOCON that a person can read: what differs from the defaults, and the
 * nodes. Reading it again gives equal settings, with one exception: a pool without a time-out gets
 * the default one, and a comment that says so, since a HOCON file always has one.
 *
 * <p>Passwords are written as they are, those of users as hashes.
 */
public final class HoconWriter {
  private static final Optional<Exposure> OTHER_MACHINES = Optional.of(Exposure.OTHER_MACHINES);

  /** What stands for a secret. */
  private static final String HIDDEN = "***";

  private static final Pattern PASSWORD_OF_RULE = Pattern.compile("(?<=^|[ (])([#>])\\S+");

  private final StringBuilder text = new StringBuilder();
  private final boolean hidesSecrets;

  private HoconWriter(boolean hidesSecrets) {
    this.hidesSecrets = hidesSecrets;
  }

  /** The text of a HOCON file. */
  public static String write(Settings settings) {
    return write(settings, false);
  }

  /** The same with {@code ***} for passwords and their hashes: for people to read. */
  public static String writeWithoutSecrets(Settings settings) {
    return write(settings, true);
  }

  private static String write(Settings settings, boolean hidesSecrets) {
    HoconWriter writer = new HoconWriter(hidesSecrets);
    writer.line(0, "cashew {");
    writer.changed(1, HoconKeys.WORKERS, settings.workers().count(), String::valueOf);
    writer.changed(
        1, HoconKeys.CLIENTS_TOGETHER, settings.workers().clientsTogether(), String::valueOf);
    writer.changed(1, HoconKeys.TRANSPORT, settings.workers().transport(), Kinds::kebab);
    writer.changed(
        1,
        HoconKeys.ADMIN_LISTEN,
        settings.admin().listen(),
        listen -> listen.map(HoconWriter::listener).orElse("off"));
    writer.changed(1, HoconKeys.ADMIN_TOKEN, settings.admin().token(), writer::secret);
    if (settings.admin().token().isEmpty()
        && settings.admin().listen().map(Exposure::of).equals(OTHER_MACHINES)) {
      writer.set(1, HoconKeys.ADMIN_PROTECTED_MODE, "false");
    }
    writer.changed(1, HoconKeys.MEMORY_LIMIT, settings.memoryLimit(), Kinds::sizeText);
    writer.changed(1, HoconKeys.DRAIN_DELAY, settings.drain().delayMillis(), HoconWriter::duration);
    writer.changed(
        1, HoconKeys.DRAIN_TIMEOUT, settings.drain().timeoutMillis(), HoconWriter::duration);
    writer.changed(1, HoconKeys.LOG_FORMAT, settings.logFormat(), Kinds::kebab);
    writer.changed(1, HoconKeys.RELOAD_WATCH_FILE, settings.watchFile(), String::valueOf);
    writer.changed(
        1,
        HoconKeys.TAKE_OVER_SOCKET,
        settings.takeOverSocket(),
        socket -> ConfigUtil.quoteString(socket.text()));
    settings.pools().forEach(writer::pool);
    writer.line(0, "}");
    return writer.text.toString();
  }

  private void line(int depth, String line) {
    text.append("  ".repeat(depth)).append(line).append('\n');
  }

  private void set(int depth, Key<?> key, String value) {
    line(depth, key.name() + " = " + value);
  }

  private <T> void changed(int depth, Key<T> key, T value, Function<T, String> form) {
    if (!value.equals(key.fallback())) {
      set(depth, key, form.apply(value));
    }
  }

  private void pool(PoolSettings pool) {
    line(1, "pools." + ConfigUtil.joinPath(pool.name()) + " {");
    set(2, HoconKeys.LISTEN, listener(pool.listen()));
    PlacementSettings placement = pool.placement();
    NodeConnections connections = pool.connections();
    HealthSettings health = pool.health();
    boolean slots = placement.distribution().name().equals("slots");
    if (!slots) {
      changed(2, HoconKeys.HASH, placement.hash(), hash -> hash.name());
    }
    if (slots || placement.hashTag().isPresent()) {
      set(2, HoconKeys.HASH_TAG, placement.hashTag().map(HoconWriter::hashTag).orElse("none"));
    }
    changed(
        2, HoconKeys.DISTRIBUTION, placement.distribution(), distribution -> distribution.name());
    changed(2, HoconKeys.POINTS_PER_NODE, placement.pointsPerNode(), String::valueOf);
    timeout(connections.timeoutMillis());
    changed(2, HoconKeys.CONNECTIONS_PER_NODE, connections.perNode(), String::valueOf);
    changed(2, HoconKeys.PRECONNECT, connections.preconnect(), String::valueOf);
    changed(2, HoconKeys.DATABASE, connections.database(), String::valueOf);
    changed(2, HoconKeys.FAILURE_LIMIT, health.failureLimit(), String::valueOf);
    changed(2, HoconKeys.RETRY_AFTER, health.retryAfterMillis(), HoconWriter::duration);
    changed(2, HoconKeys.RETRY_READS, connections.retryReads(), String::valueOf);
    changed(2, HoconKeys.EJECT_ENABLED, health.eject().enabled(), String::valueOf);
    changed(2, HoconKeys.EJECT_MAX, health.eject().maxEjected(), String::valueOf);
    changed(2, HoconKeys.EJECT_RING, health.eject().ring(), Kinds::kebab);
    auth(pool.auth());
    if (Exposure.isOpenDoor(pool)) {
      line(2, "# Other machines can reach it, and there is no password.");
      set(2, HoconKeys.PROTECTED_MODE, "false");
    }
    changed(2, HoconKeys.ADMIN_COMMANDS, pool.commands().admin(), Kinds::kebab);
    commands(pool.commands().declared());
    changed(2, HoconKeys.BACKLOG, pool.clients().backlog(), String::valueOf);
    ClientConnections clients = pool.clients();
    changed(2, HoconKeys.TCP_KEEPALIVE, clients.keepaliveSeconds(), HoconWriter::keepalive);
    changed(
        2, HoconKeys.NODE_TCP_KEEPALIVE, connections.keepaliveSeconds(), HoconWriter::keepalive);
    limits(pool.limits());
    changed(2, HoconKeys.LIMIT_PER_ADDRESS, clients.perAddress(), String::valueOf);
    changed(2, HoconKeys.LIMIT_IDLE, clients.idleMillis(), HoconWriter::duration);
    changed(2, HoconKeys.LIMIT_SLOW_REQUEST, clients.slowRequestMillis(), HoconWriter::duration);
    changed(
        2,
        HoconKeys.LIMIT_FAILED_AUTH,
        clients.failedAuthenticationDelayMillis(),
        HoconWriter::duration);
    insight(pool.insight());
    tls(pool.tls());
    line(2, "nodes = [");
    pool.nodes().forEach(node -> line(3, node(node)));
    line(2, "]");
    line(1, "}");
  }

  static String keepalive(int seconds) {
    return seconds == 0 ? "false" : seconds + "s";
  }

  private void timeout(long millis) {
    if (millis == 0) {
      line(2, "# There was no time-out: a hung node would hang its clients for ever.");
      set(2, HoconKeys.TIMEOUT, HoconKeys.TIMEOUT.standard());
    } else {
      changed(2, HoconKeys.TIMEOUT, millis, HoconWriter::duration);
    }
  }

  private void auth(AuthSettings settings) {
    changed(2, HoconKeys.PASSWORD, settings.password(), this::secret);
    users(settings.users());
    Optional<NodeAuth> implied =
        settings.password().map(password -> new NodeAuth(Optional.empty(), password));
    if (settings.nodeAuth().equals(implied)) {
      return;
    }
    if (settings.nodeAuth().isEmpty()) {
      set(2, HoconKeys.NODE_AUTH, "none");
      return;
    }
    NodeAuth auth = settings.nodeAuth().get();
    changed(
        2,
        HoconKeys.NODE_AUTH_USERNAME,
        auth.username(),
        username -> username.map(ConfigUtil::quoteString).orElse(""));
    set(2, HoconKeys.NODE_AUTH_PASSWORD, secret(Optional.of(auth.password())));
  }

  private void users(List<UserSettings> users) {
    if (!users.isEmpty()) {
      line(2, HoconKeys.USERS.name() + " {");
      for (UserSettings user : users) {
        line(3, ConfigUtil.quoteString(user.name()) + " {"); // as a word it might be: include
        set(4, HoconKeys.USER_RULES, ConfigUtil.quoteString(rules(user.rules())));
        line(3, "}");
      }
      line(2, "}");
    }
  }

  private void commands(List<DeclaredCommand> commands) {
    if (commands.isEmpty()) {
      return;
    }
    line(2, "commands {");
    for (DeclaredCommand command : commands) {
      line(
          3,
          "%s = { first-key = %d, %skey-step = %d, arity = %d, writes = %s }"
              .formatted(
                  ConfigUtil.quoteString(command.name()),
                  command.firstKey(),
                  command.firstKey() == 0 ? "" : "last-key = " + command.lastKey() + ", ",
                  command.keyStep(),
                  command.arity(),
                  command.writes()));
    }
    line(2, "}");
  }

  private void limits(LimitSettings limits) {
    changed(2, HoconKeys.LIMIT_CLIENTS, limits.clients(), String::valueOf);
    changed(2, HoconKeys.LIMIT_IN_FLIGHT, limits.inFlightPerClient(), String::valueOf);
    changed(2, HoconKeys.LIMIT_UNSENT, limits.unsentPerClient(), Kinds::sizeText);
    changed(2, HoconKeys.LIMIT_UNSENT_HARD, limits.unsentPerClientHard(), Kinds::sizeText);
    changed(2, HoconKeys.LIMIT_UNSENT_NODE, limits.unsentPerNode(), Kinds::sizeText);
    changed(2, HoconKeys.LIMIT_BULK, limits.bulkLength(), Kinds::sizeText);
    changed(2, HoconKeys.LIMIT_ARGUMENTS, limits.arguments(), String::valueOf);
    changed(2, HoconKeys.LIMIT_GATHERED, limits.gatheredRequest(), Kinds::sizeText);
    changed(2, HoconKeys.LIMIT_DATABASES, limits.databases(), String::valueOf);
    changed(2, HoconKeys.LIMIT_PINNED, limits.pinnedPerNode(), String::valueOf);
    changed(2, HoconKeys.LIMIT_UNSENT_SUBSCRIBER, limits.unsentPerSubscriber(), Kinds::sizeText);
  }

  private void insight(InsightSettings insight) {
    changed(
        2,
        HoconKeys.SLOWLOG_SLOWER_THAN,
        insight.slowerThanMillis(),
        millis -> millis == InsightSettings.OFF ? "off" : duration(millis));
    changed(2, HoconKeys.SLOWLOG_MAX_LEN, insight.slowLogMax(), String::valueOf);
    changed(2, HoconKeys.LOG_KEYS, insight.logKeys(), String::valueOf);
    changed(2, HoconKeys.HOT_KEYS_SAMPLE, insight.hotKeySample(), String::valueOf);
    changed(2, HoconKeys.HOT_KEYS_LABEL, insight.labelHotKeys(), String::valueOf);
    changed(2, HoconKeys.BIG_KEYS_LARGER_THAN, insight.bigBytes(), Kinds::sizeText);
    insight.accessLog().ifPresent(file -> set(2, HoconKeys.ACCESS_LOG_FILE, path(file)));
  }

  private void tls(PoolTls tls) {
    tls.clients()
        .ifPresent(
            clients -> {
              tls(HoconKeys.TLS, clients.tls());
              changed(2, HoconKeys.TLS_CLIENT_AUTH, clients.clientCertificates(), Kinds::kebab);
            });
    tls.nodes()
        .ifPresent(
            nodes -> {
              set(2, HoconKeys.NODE_TLS_ENABLED, "true");
              tls(HoconKeys.NODE_TLS, nodes.tls());
              changed(
                  2, HoconKeys.NODE_TLS_VERIFY_HOSTNAME, nodes.verifyHostname(), String::valueOf);
              nodes
                  .serverName()
                  .map(ConfigUtil::quoteString)
                  .ifPresent(name -> set(2, HoconKeys.NODE_TLS_SERVER_NAME, name));
            });
  }

  private void tls(HoconKeys.Tls keys, TlsSettings tls) {
    tls.identity()
        .ifPresent(
            identity -> {
              set(2, keys.certificate(), path(identity.certificate()));
              set(2, keys.key(), path(identity.key()));
              changed(2, keys.keyPassword(), identity.keyPassword(), this::secret);
            });
    tls.ca().ifPresent(ca -> set(2, keys.ca(), path(ca)));
    if (!tls.protocols().equals(TlsReader.PROTOCOLS)) {
      set(2, keys.protocols(), "[" + String.join(", ", tls.protocols()) + "]");
    }
    if (!tls.ciphers().isEmpty()) {
      set(2, keys.ciphers(), "[" + String.join(", ", tls.ciphers()) + "]");
    }
  }

  private static String path(Path file) {
    return ConfigUtil.quoteString(file.toString());
  }

  private static String node(NodeSettings node) {
    boolean named = !node.name().equals(AddressText.defaultName(node.address()));
    if (node.slots().isEmpty()) {
      return ConfigUtil.quoteString(
          node.address().text() + ":" + node.weight() + (named ? " " + node.name() : ""));
    }
    List<String> fields = new ArrayList<>();
    fields.add("address = " + ConfigUtil.quoteString(node.address().text()));
    if (node.weight() != 1) {
      fields.add("weight = " + node.weight());
    }
    if (named) {
      fields.add("name = " + ConfigUtil.quoteString(node.name()));
    }
    fields.add(
        node.slots().stream()
            .map(HoconWriter::slots)
            .collect(Collectors.joining(", ", "slots = [", "]")));
    return "{ " + String.join(", ", fields) + " }";
  }

  private static String slots(SlotRange range) {
    return ConfigUtil.quoteString(
        range.first() == range.last() ? "" + range.first() : range.first() + "-" + range.last());
  }

  /** A listener's address and the permissions of its file. */
  static String listenerText(Address address) {
    return address instanceof Address.Unix unix && (unix.mode() != 0 || unix.path().contains(" "))
        ? address.text() + " 0" + Integer.toOctalString(unix.mode())
        : address.text();
  }

  private static String listener(Address address) {
    return ConfigUtil.quoteString(listenerText(address));
  }

  static String hashTag(HashTag tag) {
    byte[] bytes = {tag.open(), tag.close()};
    return ConfigUtil.quoteString(new String(bytes, UTF_8));
  }

  private String rules(String rules) {
    return hidesSecrets ? PASSWORD_OF_RULE.matcher(rules).replaceAll("$1" + HIDDEN) : rules;
  }

  private String secret(Optional<Secret> secret) {
    if (hidesSecrets && secret.isPresent()) {
      return ConfigUtil.quoteString(HIDDEN);
    }
    return ConfigUtil.quoteString(secret.map(Secret::value).orElse(""));
  }

  /** {@code 400ms}, {@code 30s}: the largest unit that divides the milliseconds. */
  static String duration(long millis) {
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
