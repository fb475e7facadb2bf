package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.resp.RequestFrame;

/**
 * {@code CLIENT PAUSE} on one worker: until when which requests of a pool's clients wait. Confined
 * to the worker; each worker is told on its own.
 */
public final class Pause {
  private final ReadOnlyScripts scripts;
  private CommandTable commands;
  private boolean active;
  private boolean all;
  private long endNanos;

  Pause(CommandTable commands, ReadOnlyScripts scripts) {
    this.scripts = scripts;
    this.commands = commands;
  }

  /** Judges by other rows from now on. */
  void commands(CommandTable others) {
    commands = others;
  }

  /** Whether some requests wait; cheap, for it is asked before each request. */
  public boolean active() {
    return active;
  }

  /**
   * Begins, or extends one: as in Redis the later end holds, and all requests rather than writes.
   *
   * @param end on the clock of {@link System#nanoTime()}
   * @param everything all requests, not only those that write
   */
  public void begin(long end, boolean everything) {
    all = everything || (active && all);
    endNanos = active && endNanos - end > 0 ? endNanos : end;
    active = true;
  }

  /** Ends it. */
  void end() {
    active = false;
  }

  /** Whether it is over by now although nobody has ended it. */
  public boolean isOver(long nowNanos) {
    return active && nowNanos - endNanos >= 0;
  }

  /**
   * Whether a request has to wait. One that would be refused anyway has not: its client learns of
   * the error at once.
   *
   * @param queuesWrites whether the client's transaction, if it has one, would write
   */
  public boolean holds(RequestFrame frame, boolean authenticated, boolean queuesWrites) {
    if (!active || frame.argc() == 0) {
      return false;
    }
    Command command = commands.find(frame);
    if (command == null
        || !command.takes(frame.argc())
        || !(authenticated || command.has(CommandFlag.NO_AUTH))) {
      return false;
    }
    return all
        || mayWrite(command, frame)
        || (queuesWrites && command.has(Property.EXECUTES_QUEUED));
  }

  /** Whether a request may change anything that replicas would learn of. */
  public boolean mayWrite(Command command, RequestFrame frame) {
    return command.has(CommandFlag.WRITE)
        || (command.has(Property.MAY_REPLICATE) && !scripts.runs(command, frame));
  }
}
