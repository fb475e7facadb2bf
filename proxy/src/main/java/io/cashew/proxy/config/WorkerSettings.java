package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.RESTART;

/**
 * The event loops.
 *
 * @param count how many; at least 1
 * @param clientsTogether clients that one worker gets before the next one does; at least 1
 * @param transport which kind of event loop to run on
 */
public record WorkerSettings(int count, int clientsTogether, TransportKind transport) {

  /** The rows of its settings. */
  public static final Table<WorkerSettings> TABLE = Table.of(WorkerSettings::new);

  public static final Setting<WorkerSettings, Integer> COUNT =
      TABLE.row(
          "workers",
          Kinds.workers(1024),
          "auto",
          RESTART,
          WorkerSettings::count,
          "Event loops, each a thread with its own clients and connections to nodes. `auto` is one"
              + " per processor: more only take turns.");

  public static final Setting<WorkerSettings, Integer> CLIENTS_TOGETHER =
      TABLE.row(
          "clients-together",
          Kinds.integer(1, 1_000_000),
          "4",
          RESTART,
          WorkerSettings::clientsTogether,
          "Clients that one worker gets before the next one does. The few connections of one program"
              + " share a worker then, and what it sends on one and then on another arrives in that"
              + " order; 1 deals them out one by one.");

  public static final Setting<WorkerSettings, TransportKind> TRANSPORT =
      TABLE.row(
          "transport",
          Kinds.choice(TransportKind.class),
          "auto",
          RESTART,
          WorkerSettings::transport,
          "How event loops wait for the kernel. `auto` is epoll where it loads, else NIO.");

  /** What ships. */
  public static final WorkerSettings DEFAULT = TABLE.standard();

  private WorkerSettings(Values<WorkerSettings> from) {
    this(from.get(COUNT), from.get(CLIENTS_TOGETHER), from.get(TRANSPORT));
  }
}
