package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.NEW_CLIENTS;
import static io.cashew.proxy.config.ReloadEffect.RESTART;

import java.time.Duration;

/**
 * The connections of clients: how they are accepted, and when they are closed. What clients may
 * leave in the proxy is in {@link LimitSettings}.
 *
 * @param backlog of listen(2)
 * @param keepaliveSeconds of silence before the kernel asks whether a client is still there; 0:
 *     never
 * @param perAddress connections from one address; 0: any number
 * @param idleMillis without a request after which a client is closed; 0: never
 * @param slowRequestMillis after which a request that has begun and is not complete closes its
 *     client; 0: never
 * @param failedAuthenticationDelayMillis for which the answer to a wrong password is kept back at
 *     most, where many came from one address; 0: never
 */
public record ClientConnections(
    int backlog,
    int keepaliveSeconds,
    int perAddress,
    long idleMillis,
    long slowRequestMillis,
    long failedAuthenticationDelayMillis) {

  /** The rows of its settings. */
  public static final Table<ClientConnections> TABLE = Table.of(ClientConnections::new);

  public static final Setting<ClientConnections, Integer> BACKLOG =
      TABLE.row(
          "backlog",
          Kinds.integer(0, Integer.MAX_VALUE),
          "512",
          RESTART,
          ClientConnections::backlog,
          "Connections that may wait to be accepted, as of listen(2). The default is twemproxy's; the"
              + " kernel may allow fewer (net.core.somaxconn).");

  public static final Setting<ClientConnections, Integer> KEEPALIVE =
      TABLE.row(
          "tcp-keepalive",
          Kinds.keepalive(),
          Keepalives.DEFAULT_SECONDS + "s",
          NEW_CLIENTS,
          ClientConnections::keepaliveSeconds,
          "How long a client may be silent before the kernel asks whether it is still there, as Redis's"
              + " setting of that name: three questions, each a third of that apart, and the connection"
              + " ends. A client that has vanished without a word is gone after twice that time, and"
              + " what it waited for is left to others. `true` is 300s, `false` never asks.");

  public static final Setting<ClientConnections, Integer> PER_ADDRESS =
      TABLE.row(
          "limits.connections-per-address",
          Kinds.integer(0, Integer.MAX_VALUE),
          "0",
          NEW_CLIENTS,
          ClientConnections::perAddress,
          "Most client connections from one address; the next one gets an error and is closed. 0 is"
              + " any number: applications behind one address look like one client.");

  public static final Setting<ClientConnections, Long> IDLE =
      TABLE.row(
          "limits.idle-client",
          Kinds.duration(Duration.ZERO, Kinds.LONGEST),
          "0s",
          AT_ONCE,
          ClientConnections::idleMillis,
          "How long a client may send nothing before it is closed, as Redis's `timeout`. `0s` is for"
              + " ever. Clients that wait for a reply or for messages are not idle.");

  public static final Setting<ClientConnections, Long> SLOW_REQUEST =
      TABLE.row(
          "limits.slow-request",
          Kinds.duration(Duration.ZERO, Kinds.LONGEST),
          "60s",
          AT_ONCE,
          ClientConnections::slowRequestMillis,
          "How long a request that has begun may take to arrive, or a large one that is passed on as"
              + " it comes may stand still; then the client is closed. `0s` is for ever.");

  public static final Setting<ClientConnections, Long> FAILED_AUTHENTICATION_DELAY =
      TABLE.row(
          "limits.failed-auth-delay",
          Kinds.duration(Duration.ZERO, Duration.ofSeconds(30)),
          "1s",
          AT_ONCE,
          ClientConnections::failedAuthenticationDelayMillis,
          "Longest time for which the answer to a wrong password is kept back. The first 100 of an"
              + " address are answered at once, then each 10 ms later than the one before; a minute"
              + " without any forgets them. Right passwords are answered at once: nobody is locked"
              + " out by others behind the same address. `0s` is never.");

  /** What ships. */
  public static final ClientConnections DEFAULT = TABLE.standard();

  private ClientConnections(Values<ClientConnections> from) {
    this(
        from.get(BACKLOG),
        from.get(KEEPALIVE),
        from.get(PER_ADDRESS),
        from.get(IDLE),
        from.get(SLOW_REQUEST),
        from.get(FAILED_AUTHENTICATION_DELAY));
  }

  /** The same but for one setting. */
  public <T> ClientConnections with(Setting<ClientConnections, T> setting, T value) {
    return new ClientConnections(Values.but(this, setting, value));
  }
}
