package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.MOVES_KEYS;
import static io.cashew.proxy.config.ReloadEffect.NEW_CLIENTS;
import static io.cashew.proxy.config.ReloadEffect.NEW_CONNECTIONS;
import static io.cashew.proxy.config.ReloadEffect.NEW_LISTENER;
import static io.cashew.proxy.config.ReloadEffect.RESTART;
import static io.cashew.proxy.config.ReloadRow.row;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a reload does about each key: one row a key. What differs between two configurations, how it
 * comes into force, and the column of {@code docs/configuration.md} all come from these rows. Nodes
 * and pools are compared one by one and have no row.
 */
public final class ReloadTable {

  static final List<ReloadRow<Settings>> ROOT =
      List.of(
          row(HoconKeys.WORKERS, RESTART, settings -> settings.workers().count()),
          row(
              HoconKeys.CLIENTS_TOGETHER,
              RESTART,
              settings -> settings.workers().clientsTogether()),
          row(
              HoconKeys.TRANSPORT,
              RESTART,
              settings -> settings.workers().transport(),
              Kinds::kebab),
          row(
              HoconKeys.ADMIN_LISTEN,
              RESTART,
              settings -> settings.admin().listen(),
              listen -> listen.map(Address::text).orElse("off")),
          row(
              HoconKeys.ADMIN_TOKEN,
              AT_ONCE,
              settings -> settings.admin().token(),
              ReloadTable::hidden),
          row(HoconKeys.ADMIN_PROTECTED_MODE, AT_ONCE, ReloadTable::checkedOnly),
          row(HoconKeys.MEMORY_LIMIT, RESTART, Settings::memoryLimit, Kinds::sizeText),
          row(
              HoconKeys.DRAIN_DELAY,
              AT_ONCE,
              settings -> settings.drain().delayMillis(),
              HoconWriter::duration),
          row(
              HoconKeys.DRAIN_TIMEOUT,
              AT_ONCE,
              settings -> settings.drain().timeoutMillis(),
              HoconWriter::duration),
          row(HoconKeys.LOG_FORMAT, RESTART, Settings::logFormat, Kinds::kebab),
          row(HoconKeys.RELOAD_WATCH_FILE, AT_ONCE, Settings::watchFile),
          row(HoconKeys.TAKE_OVER_SOCKET, RESTART, Settings::takeOverSocket, TakeOverSocket::text));

  static final List<ReloadRow<PoolSettings>> POOL =
      Stream.of(
              List.<ReloadRow<PoolSettings>>of(
                  row(
                      HoconKeys.LISTEN,
                      NEW_LISTENER,
                      PoolSettings::listen,
                      HoconWriter::listenerText),
                  row(HoconKeys.HASH, MOVES_KEYS, pool -> pool.placement().hash().name()),
                  row(
                      HoconKeys.HASH_TAG,
                      MOVES_KEYS,
                      pool -> pool.placement().hashTag(),
                      tag -> tag.map(HoconWriter::hashTag).orElse("none")),
                  row(
                      HoconKeys.DISTRIBUTION,
                      MOVES_KEYS,
                      pool -> pool.placement().distribution().name()),
                  row(
                      HoconKeys.POINTS_PER_NODE,
                      MOVES_KEYS,
                      pool -> pool.placement().pointsPerNode()),
                  row(
                      HoconKeys.TIMEOUT,
                      AT_ONCE,
                      pool -> pool.connections().timeoutMillis(),
                      HoconWriter::duration),
                  row(
                      HoconKeys.CONNECTIONS_PER_NODE,
                      NEW_CONNECTIONS,
                      pool -> pool.connections().perNode()),
                  row(HoconKeys.PRECONNECT, AT_ONCE, pool -> pool.connections().preconnect()),
                  row(HoconKeys.DATABASE, NEW_CONNECTIONS, pool -> pool.connections().database()),
                  row(HoconKeys.FAILURE_LIMIT, AT_ONCE, pool -> pool.health().failureLimit()),
                  row(
                      HoconKeys.RETRY_AFTER,
                      AT_ONCE,
                      pool -> pool.health().retryAfterMillis(),
                      HoconWriter::duration),
                  row(HoconKeys.RETRY_READS, AT_ONCE, pool -> pool.connections().retryReads()),
                  row(HoconKeys.EJECT_ENABLED, AT_ONCE, pool -> pool.health().eject().enabled()),
                  row(HoconKeys.EJECT_MAX, AT_ONCE, pool -> pool.health().eject().maxEjected()),
                  row(
                      HoconKeys.EJECT_RING,
                      AT_ONCE,
                      pool -> pool.health().eject().ring(),
                      Kinds::kebab),
                  row(
                      HoconKeys.PASSWORD,
                      AT_ONCE,
                      pool -> pool.auth().password(),
                      ReloadTable::hidden),
                  row(
                      HoconKeys.USERS,
                      AT_ONCE,
                      pool -> pool.auth().users(),
                      users -> users.size() + " of them"),
                  row(
                      HoconKeys.NODE_AUTH,
                      NEW_CONNECTIONS,
                      pool -> pool.auth().nodeAuth(),
                      auth -> auth.isPresent() ? "set" : "none"),
                  row(HoconKeys.PROTECTED_MODE, AT_ONCE, ReloadTable::checkedOnly)),
              List.<ReloadRow<PoolSettings>>of(
                  row(
                      HoconKeys.TLS.certificate(),
                      NEW_CLIENTS,
                      pool -> pool.tls().clients(),
                      tls -> tls.isPresent() ? "set" : "not set"),
                  row(
                      HoconKeys.NODE_TLS_ENABLED,
                      NEW_CONNECTIONS,
                      pool -> pool.tls().nodes(),
                      tls -> tls.isPresent() ? "true" : "false"),
                  row(
                      HoconKeys.ADMIN_COMMANDS,
                      AT_ONCE,
                      pool -> pool.commands().admin(),
                      Kinds::kebab),
                  row(
                      HoconKeys.COMMANDS,
                      AT_ONCE,
                      pool -> pool.commands().declared(),
                      commands -> commands.size() + " of them"),
                  row(HoconKeys.BACKLOG, RESTART, pool -> pool.clients().backlog()),
                  row(
                      HoconKeys.TCP_KEEPALIVE,
                      NEW_CLIENTS,
                      pool -> pool.clients().keepaliveSeconds(),
                      HoconWriter::keepalive),
                  row(
                      HoconKeys.NODE_TCP_KEEPALIVE,
                      NEW_CONNECTIONS,
                      pool -> pool.connections().keepaliveSeconds(),
                      HoconWriter::keepalive),
                  row(HoconKeys.LIMIT_CLIENTS, NEW_CLIENTS, pool -> pool.limits().clients()),
                  row(
                      HoconKeys.LIMIT_PER_ADDRESS,
                      NEW_CLIENTS,
                      pool -> pool.clients().perAddress()),
                  row(
                      HoconKeys.LIMIT_IDLE,
                      AT_ONCE,
                      pool -> pool.clients().idleMillis(),
                      HoconWriter::duration),
                  row(
                      HoconKeys.LIMIT_SLOW_REQUEST,
                      AT_ONCE,
                      pool -> pool.clients().slowRequestMillis(),
                      HoconWriter::duration),
                  row(
                      HoconKeys.LIMIT_FAILED_AUTH,
                      AT_ONCE,
                      pool -> pool.clients().failedAuthenticationDelayMillis(),
                      HoconWriter::duration),
                  row(
                      HoconKeys.LIMIT_IN_FLIGHT,
                      AT_ONCE,
                      pool -> pool.limits().inFlightPerClient()),
                  size(HoconKeys.LIMIT_UNSENT, AT_ONCE, LimitSettings::unsentPerClient),
                  size(HoconKeys.LIMIT_UNSENT_HARD, AT_ONCE, LimitSettings::unsentPerClientHard),
                  size(HoconKeys.LIMIT_UNSENT_NODE, AT_ONCE, LimitSettings::unsentPerNode),
                  size(HoconKeys.LIMIT_BULK, NEW_CONNECTIONS, LimitSettings::bulkLength),
                  row(HoconKeys.LIMIT_ARGUMENTS, AT_ONCE, pool -> pool.limits().arguments()),
                  size(HoconKeys.LIMIT_GATHERED, AT_ONCE, LimitSettings::gatheredRequest),
                  row(
                      HoconKeys.LIMIT_DATABASES,
                      NEW_CONNECTIONS,
                      pool -> pool.limits().databases()),
                  row(HoconKeys.LIMIT_PINNED, AT_ONCE, pool -> pool.limits().pinnedPerNode()),
                  size(
                      HoconKeys.LIMIT_UNSENT_SUBSCRIBER,
                      AT_ONCE,
                      LimitSettings::unsentPerSubscriber)),
              List.<ReloadRow<PoolSettings>>of(
                  insight(HoconKeys.SLOWLOG_SLOWER_THAN, InsightSettings::slowerThanMillis),
                  insight(HoconKeys.SLOWLOG_MAX_LEN, InsightSettings::slowLogMax),
                  insight(HoconKeys.LOG_KEYS, InsightSettings::logKeys),
                  insight(HoconKeys.HOT_KEYS_SAMPLE, InsightSettings::hotKeySample),
                  insight(HoconKeys.HOT_KEYS_LABEL, InsightSettings::labelHotKeys),
                  insight(HoconKeys.BIG_KEYS_LARGER_THAN, InsightSettings::bigBytes),
                  insight(HoconKeys.ACCESS_LOG_FILE, InsightSettings::accessLog)))
          .flatMap(List::stream)
          .toList();

  private ReloadTable() {}

  private static ReloadRow<PoolSettings> size(
      Key<?> key, ReloadEffect effect, Function<LimitSettings, Long> size) {
    return row(key, effect, pool -> size.apply(pool.limits()), Kinds::sizeText);
  }

  private static ReloadRow<PoolSettings> insight(
      Key<?> key, Function<InsightSettings, Object> value) {
    return row(key, RESTART, pool -> value.apply(pool.insight()));
  }

  /** Of keys that say what a file may contain, and nothing of what runs. */
  private static Object checkedOnly(Object settings) {
    return "";
  }

  private static String hidden(Optional<Secret> secret) {
    return secret.isPresent() ? "set" : "not set";
  }

  /**
   * How another value of a key comes into force. A user, a command and the files and algorithms of
   * TLS are compared as a whole, and have the effect of the row that they belong to.
   *
   * @return empty: the key has no value of its own
   */
  static Optional<ReloadEffect> effectOf(Key<?> key) {
    if (HoconKeys.TLS.all().contains(key) || key.equals(HoconKeys.TLS_CLIENT_AUTH)) {
      return Optional.of(NEW_CLIENTS);
    }
    if (key.name().startsWith("node-tls.") || key.name().startsWith("node-auth.")) {
      return Optional.of(NEW_CONNECTIONS);
    }
    return Stream.concat(ROOT.stream(), POOL.stream())
        .filter(row -> row.key().equals(key))
        .map(ReloadRow::effect)
        .findFirst();
  }

  /** What differs besides the pools, in the order of the documents. */
  public static List<SettingChange> changes(Settings before, Settings after) {
    return ROOT.stream().flatMap(row -> row.change(before, after).stream()).toList();
  }

  /** What differs besides the nodes, in the order of the documents. */
  public static List<SettingChange> changes(PoolSettings before, PoolSettings after) {
    return POOL.stream().flatMap(row -> row.change(before, after).stream()).toList();
  }

  /** What runs when {@code after} is taken over by a proxy that was started with {@code before}. */
  public static Settings takenOver(Settings before, Settings after) {
    List<PoolSettings> pools =
        after.pools().stream()
            .map(
                pool ->
                    before.pools().stream()
                        .filter(each -> each.name().equals(pool.name()))
                        .filter(each -> each.listen().text().equals(pool.listen().text()))
                        .findFirst()
                        .map(pool::withWhatTakesARestart)
                        .orElse(pool))
            .toList();
    return new Settings(
        before.workers(),
        new AdminSettings(before.admin().listen(), after.admin().token()),
        before.memoryLimit(),
        after.drain(),
        after.watchFile(),
        before.takeOverSocket(),
        before.logFormat(),
        pools);
  }
}
