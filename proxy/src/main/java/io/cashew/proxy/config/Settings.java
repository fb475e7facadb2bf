package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.RESTART;
import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import java.util.List;
import org.slf4j.event.Level;

/**
 * A whole configuration, read and checked. Everything in it is resolved: units are converted, names
 * are looked up, defaults are filled in.
 *
 * @param workers the event loops
 * @param admin the admin address
 * @param webhook who is told of events
 * @param tracing which requests become spans, and who takes them
 * @param memoryLimit bytes of buffers above which no new work is taken
 * @param drain how a stop goes
 * @param watchFile whether a change of the file is taken over by itself
 * @param takeOverSocket where another process may take the listeners over
 * @param logFormat what a line of the log looks like
 * @param logLevel the least important lines that are shown
 * @param pools at least one, in the order of the file
 */
public record Settings(
    WorkerSettings workers,
    AdminSettings admin,
    WebhookSettings webhook,
    TracingSettings tracing,
    long memoryLimit,
    DrainSettings drain,
    boolean watchFile,
    TakeOverSocket takeOverSocket,
    LogFormat logFormat,
    Level logLevel,
    List<PoolSettings> pools) {
  /** The rows of its settings: those directly below {@code cashew}. */
  public static final Table<Settings> TABLE = Table.of(Settings::new);

  static {
    TABLE.part(WorkerSettings.TABLE, Settings::workers);
    TABLE.part(AdminSettings.TABLE, Settings::admin);
    TABLE.part(WebhookSettings.TABLE, Settings::webhook);
  }

  public static final Setting<Settings, Long> MEMORY_LIMIT =
      TABLE.row(
          "memory-limit",
          Kinds.memoryLimit(),
          "auto",
          RESTART,
          Settings::memoryLimit,
          "Bytes of requests and replies that all clients and nodes together may leave in the"
              + " proxy. Above it new requests get an error, and the clients that have read least"
              + " are closed, until there is room. bin/cashew lets the JVM use what this needs, half as"
              + " much again and 64 MiB; a limit that an option of the JVM does not allow is"
              + " refused, and `cashew check` warns of one that the machine or container has no"
              + " memory for. `auto` is 256 MiB, or less where there is less.");

  static {
    TABLE.part(DrainSettings.TABLE, Settings::drain);
  }

  public static final Setting<Settings, LogFormat> LOG_FORMAT =
      TABLE.row(
          "log.format",
          Kinds.choice(LogFormat.class),
          "text",
          RESTART,
          Settings::logFormat,
          "What a line of the log looks like: `text` is for people, `json` an object a line for"
              + " programs. Both go to standard error.");

  public static final Setting<Settings, Level> LOG_LEVEL =
      TABLE.row(
          "log.level",
          Kinds.choice(Level.class),
          "info",
          AT_ONCE,
          Settings::logLevel,
          "The least important lines of the log that are shown: `error`, `warn`, `info`, `debug` or"
              + " `trace`. `CASHEW_LOG_LEVEL` in the environment is stronger. Events are kept"
              + " at any level (`/api/events`).");

  static {
    TABLE.part(TracingSettings.TABLE, Settings::tracing);
  }

  public static final Setting<Settings, Boolean> WATCH_FILE =
      TABLE.row(
          "reload.watch-file",
          Kinds.flag(),
          "true",
          AT_ONCE,
          Settings::watchFile,
          "Whether a change of this file, or of one that it includes, is taken over by itself, a"
              + " second or two later. SIGHUP and `POST /reload` on the admin address do it in any"
              + " case. A file that is wrong changes nothing.");

  public static final Setting<Settings, TakeOverSocket> TAKE_OVER_SOCKET =
      TABLE.row(
          "take-over.socket",
          Texts.takeOverSocket(),
          "auto",
          RESTART,
          Settings::takeOverSocket,
          "The unix socket at which this process hands its listeners over to `cashew serve"
              + " --take-over`, of the same user only: the path of a file, or `off`. `auto` is a"
              + " file named after the admin address (the first pool's without one) in"
              + " `$RUNTIME_DIRECTORY` or `$XDG_RUNTIME_DIR`, else in a directory of the user's own"
              + " in `/tmp`. Needs the epoll transport.");

  public static final Setting<Settings, List<PoolSettings>> POOLS =
      TABLE.required(
          "pools",
          PoolReader.KIND,
          List.of(),
          WITH_THE_WHOLE,
          Settings::pools,
          "The pools by name: a listener and its nodes each. A name has no white space; it labels"
              + " metrics and logs.");

  static {
    TABLE.rule(Settings::refuseWhatTheJvmDoesNotAllow);
    TABLE.rule(Settings::refuseCachesWithoutMemory);
  }

  private Settings(Values<Settings> from) {
    this(
        from.part(WorkerSettings.TABLE, Settings::workers),
        from.part(AdminSettings.TABLE, Settings::admin),
        from.part(WebhookSettings.TABLE, Settings::webhook),
        from.part(TracingSettings.TABLE, Settings::tracing),
        from.get(MEMORY_LIMIT),
        from.part(DrainSettings.TABLE, Settings::drain),
        from.get(WATCH_FILE),
        from.get(TAKE_OVER_SOCKET),
        from.get(LOG_FORMAT),
        from.get(LOG_LEVEL),
        from.get(POOLS));
  }

  public Settings {
    pools = List.copyOf(pools);
  }

  /** The defaults with these pools. */
  public static Settings of(List<PoolSettings> pools) {
    return TABLE.standard().with(POOLS, pools);
  }

  /** The same but for one setting, its own or one of its parts. */
  public <T> Settings with(Setting<?, T> setting, T value) {
    return new Settings(Values.but(this, setting, value));
  }

  /** What is kept leaves room for requests and replies. */
  private static void refuseCachesWithoutMemory(Settings settings, Section root) {
    long kept =
        settings.pools.stream()
            .filter(pool -> !pool.cache().rules().isEmpty())
            .mapToLong(pool -> pool.cache().memoryBytes())
            .sum();
    if (kept >= settings.memoryLimit) {
      root.report(
          MEMORY_LIMIT,
          "("
              + Kinds.sizeText(settings.memoryLimit)
              + ") must be above what the pools may keep together ("
              + CacheSettings.MEMORY.key()
              + ", "
              + Kinds.sizeText(kept)
              + "), which is part of it: raise it, or keep less");
    }
  }

  private static void refuseWhatTheJvmDoesNotAllow(Settings settings, Section root) {
    if (root.has(MEMORY_LIMIT)) {
      MemoryBudget.ofProcess()
          .problem(settings.memoryLimit)
          .ifPresent(text -> root.report(MEMORY_LIMIT, text));
    }
  }
}
