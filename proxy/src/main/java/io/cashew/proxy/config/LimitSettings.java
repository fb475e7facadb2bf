package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.NEW_CLIENTS;
import static io.cashew.proxy.config.ReloadEffect.NEW_CONNECTIONS;

/**
 * Limits of a pool: each is checked before memory is taken.
 *
 * @param clients most client connections of the pool; 0: as many as file descriptors allow
 * @param inFlightPerClient requests of one client that may wait for replies before it is no longer
 *     read from
 * @param unsentPerClient bytes of replies that one client has not read yet before it is no longer
 *     read from
 * @param unsentPerClientHard bytes of unread replies at which a client is closed
 * @param unsentPerNode bytes not yet taken by a node's connection before the clients that feed it
 *     are no longer read from
 * @param bulkLength longest argument or value, in bytes
 * @param arguments most arguments of a request
 * @param gatheredRequest largest request that must be held whole before it is sent (one with keys
 *     of several nodes), in bytes
 * @param databases that clients may SELECT, at least 1
 * @param pinnedPerNode connections to a node that one worker lends to clients, for transactions and
 *     blocking commands, at one time
 * @param unsentPerSubscriber bytes of messages and replies that a subscribed client has not read at
 *     which it is closed; at a quarter of it, if that lasts for a minute
 * @param requests that are taken in a second
 */
public record LimitSettings(
    int clients,
    int inFlightPerClient,
    long unsentPerClient,
    long unsentPerClientHard,
    long unsentPerNode,
    long bulkLength,
    int arguments,
    long gatheredRequest,
    int databases,
    int pinnedPerNode,
    long unsentPerSubscriber,
    RequestRates requests) {

  /** The rows of its settings. */
  public static final Table<LimitSettings> TABLE = Table.of(LimitSettings::new);

  public static final Setting<LimitSettings, Integer> CLIENTS =
      TABLE.row(
          "limits.clients",
          Kinds.integer(0, Integer.MAX_VALUE),
          "0",
          NEW_CLIENTS,
          LimitSettings::clients,
          "Most client connections of the pool; the next one gets an error and is closed. 0 is as"
              + " many as the limit of open files allows, which all pools share.");

  public static final Setting<LimitSettings, Integer> IN_FLIGHT_PER_CLIENT =
      TABLE.row(
          "limits.in-flight-per-client",
          Kinds.integer(1, 1 << 20),
          "1024",
          AT_ONCE,
          LimitSettings::inFlightPerClient,
          "Requests of one client that may wait for replies before it is no longer read from.");

  public static final Setting<LimitSettings, Long> UNSENT_PER_CLIENT =
      TABLE.row(
          "limits.unsent-per-client",
          Kinds.size(Kinds.KIB, Kinds.LARGEST_BUFFER),
          "1MiB",
          AT_ONCE,
          LimitSettings::unsentPerClient,
          "Replies that one client has not taken yet, before it is no longer read from.");

  public static final Setting<LimitSettings, Long> UNSENT_PER_CLIENT_HARD =
      TABLE.row(
          "limits.unsent-per-client-hard",
          Kinds.size(Kinds.KIB, Kinds.LARGEST_BUFFER),
          "64MiB",
          AT_ONCE,
          LimitSettings::unsentPerClientHard,
          "Unread replies at which a client is closed. Not below `unsent-per-client`.");

  public static final Setting<LimitSettings, Long> UNSENT_PER_NODE =
      TABLE.row(
          "limits.unsent-per-node",
          Kinds.size(Kinds.KIB, Kinds.LARGEST_BUFFER),
          "16MiB",
          AT_ONCE,
          LimitSettings::unsentPerNode,
          "Requests that a node's connection has not taken yet, before the clients that feed it are"
              + " no longer read from.");

  public static final Setting<LimitSettings, Long> BULK_LENGTH =
      TABLE.row(
          "limits.bulk-length",
          Kinds.size(Kinds.KIB, Integer.MAX_VALUE),
          "512MiB",
          NEW_CONNECTIONS,
          LimitSettings::bulkLength,
          "Longest argument of a request. The default is Redis's `proto-max-bulk-len`; values"
              + " stream, so that a large one does not need as much memory here.");

  public static final Setting<LimitSettings, Integer> ARGUMENTS =
      TABLE.row(
          "limits.arguments",
          Kinds.integer(16, Integer.MAX_VALUE),
          "1048576",
          AT_ONCE,
          LimitSettings::arguments,
          "Most arguments of a request. The default is Redis's.");

  public static final Setting<LimitSettings, Long> GATHERED_REQUEST =
      TABLE.row(
          "limits.gathered-request",
          Kinds.size(Kinds.KIB, Kinds.LARGEST_BUFFER),
          "64MiB",
          AT_ONCE,
          LimitSettings::gatheredRequest,
          "Largest request that must be held whole before it is sent: one with keys of several"
              + " nodes.");

  public static final Setting<LimitSettings, Integer> DATABASES =
      TABLE.row(
          "limits.databases",
          Kinds.integer(1, 1024),
          "16",
          NEW_CONNECTIONS,
          LimitSettings::databases,
          "Databases that clients may SELECT, from 0. Each that is used has connections of its own."
              + " Where `database` is not 0, that is the only one, and clients know it as 0.");

  public static final Setting<LimitSettings, Integer> PINNED_PER_NODE =
      TABLE.row(
          "limits.pinned-per-node",
          Kinds.integer(1, 1 << 20),
          "1024",
          AT_ONCE,
          LimitSettings::pinnedPerNode,
          "Connections to a node that one worker lends to clients at one time: for transactions,"
              + " blocking commands and large requests. The next such request gets an error.");

  public static final Setting<LimitSettings, Long> UNSENT_PER_SUBSCRIBER =
      TABLE.row(
          "limits.unsent-per-subscriber",
          Kinds.size(Kinds.KIB, Kinds.LARGEST_BUFFER),
          "32MiB",
          AT_ONCE,
          LimitSettings::unsentPerSubscriber,
          "Unread messages at which a subscribed client is closed, or a quarter of it for a minute."
              + " The default is Redis's; what is published waits for nobody.");

  static {
    TABLE.part(RequestRates.TABLE, LimitSettings::requests);
  }

  /** What ships. */
  public static final LimitSettings DEFAULT = TABLE.standard();

  static {
    TABLE.rule(LimitSettings::refuseSoftAboveHard);
  }

  private LimitSettings(Values<LimitSettings> from) {
    this(
        from.get(CLIENTS),
        from.get(IN_FLIGHT_PER_CLIENT),
        from.get(UNSENT_PER_CLIENT),
        from.get(UNSENT_PER_CLIENT_HARD),
        from.get(UNSENT_PER_NODE),
        from.get(BULK_LENGTH),
        from.get(ARGUMENTS),
        from.get(GATHERED_REQUEST),
        from.get(DATABASES),
        from.get(PINNED_PER_NODE),
        from.get(UNSENT_PER_SUBSCRIBER),
        from.part(RequestRates.TABLE, LimitSettings::requests));
  }

  /** The same but for one setting. */
  public <T> LimitSettings with(Setting<LimitSettings, T> setting, T value) {
    return new LimitSettings(Values.but(this, setting, value));
  }

  private static void refuseSoftAboveHard(LimitSettings limits, Section section) {
    if (limits.unsentPerClientHard < limits.unsentPerClient) {
      section.report(
          section.has(UNSENT_PER_CLIENT_HARD) ? UNSENT_PER_CLIENT_HARD : UNSENT_PER_CLIENT,
          "limits.unsent-per-client-hard ("
              + Kinds.sizeText(limits.unsentPerClientHard)
              + ") must not be below limits.unsent-per-client ("
              + Kinds.sizeText(limits.unsentPerClient)
              + "): clients would be closed before they are held back");
    }
  }
}
