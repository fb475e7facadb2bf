package io.cashew.proxy.config;

import java.util.List;

/**
 * A whole configuration, read and checked. Everything in it is resolved: units are converted, names
 * are looked up, defaults are filled in.
 *
 * @param workers event loops; at least 1
 * @param clientsTogether clients that one worker gets before the next one does; at least 1
 * @param transport which kind of event loop to run on
 * @param admin the admin address
 * @param memoryLimit bytes of buffers above which no new work is taken
 * @param drainDelayMillis how long a stop goes on serving while it says that it is not ready
 * @param drainTimeoutMillis how long clients have to leave after that
 * @param watchFile whether a change of the file is taken over by itself
 * @param takeOverSocket where another process may take the listeners over
 * @param pools at least one, in the order of the file
 * @param logFormat what a line of the log looks like
 */
public record Settings(
    int workers,
    int clientsTogether,
    TransportKind transport,
    AdminSettings admin,
    long memoryLimit,
    long drainDelayMillis,
    long drainTimeoutMillis,
    boolean watchFile,
    TakeOverSocket takeOverSocket,
    List<PoolSettings> pools,
    LogFormat logFormat) {
  public Settings {
    pools = List.copyOf(pools);
  }
}
