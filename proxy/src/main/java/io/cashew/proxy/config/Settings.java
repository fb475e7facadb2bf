package io.cashew.proxy.config;

import java.util.List;

/**
 * A whole configuration, read and checked. Everything in it is resolved: units are converted, names
 * are looked up, defaults are filled in.
 *
 * @param workers the event loops
 * @param admin the admin address
 * @param memoryLimit bytes of buffers above which no new work is taken
 * @param drain how a stop goes
 * @param watchFile whether a change of the file is taken over by itself
 * @param takeOverSocket where another process may take the listeners over
 * @param logFormat what a line of the log looks like
 * @param pools at least one, in the order of the file
 */
public record Settings(
    WorkerSettings workers,
    AdminSettings admin,
    long memoryLimit,
    DrainSettings drain,
    boolean watchFile,
    TakeOverSocket takeOverSocket,
    LogFormat logFormat,
    List<PoolSettings> pools) {
  public Settings {
    pools = List.copyOf(pools);
  }
}
