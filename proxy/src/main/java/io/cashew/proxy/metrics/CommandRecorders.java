package io.cashew.proxy.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one worker counts for the commands of one pool: a recorder for each command that was asked
 * for, made with the first request. Owned by the worker; a scrape reads it, and may miss for a
 * moment a command that is new.
 */
public final class CommandRecorders {
  private volatile @Nullable CommandRecorder[] byId = new CommandRecorder[0];

  /**
   * The recorder of a command.
   *
   * @param id small number of the command
   * @param name of the command
   * @param family Redis's group of commands
   */
  public CommandRecorder of(int id, String name, String family) {
    CommandRecorder[] all = byId;
    CommandRecorder recorder = id < all.length ? all[id] : null;
    return recorder == null ? add(id, name, family) : recorder;
  }

  // One thread writes, so that read and write need not be one step.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private CommandRecorder add(int id, String name, String family) {
    CommandRecorder[] all = Arrays.copyOf(byId, Math.max(byId.length, id + 1));
    CommandRecorder recorder = new CommandRecorder(name, family);
    all[id] = recorder;
    byId = all;
    return recorder;
  }

  /** Those that there are. */
  public List<CommandRecorder> all() {
    List<CommandRecorder> all = new ArrayList<>();
    for (CommandRecorder recorder : byId) {
      if (recorder != null) {
        all.add(recorder);
      }
    }
    return all;
  }

  /** The recorders of several workers by the name of the command, in the order of names. */
  public static Map<String, List<CommandRecorder>> byName(Collection<CommandRecorders> workers) {
    return by(workers, CommandRecorder::name);
  }

  /** The same by family. */
  public static Map<String, List<CommandRecorder>> byFamily(Collection<CommandRecorders> workers) {
    return by(workers, CommandRecorder::family);
  }

  private static Map<String, List<CommandRecorder>> by(
      Collection<CommandRecorders> workers, Function<CommandRecorder, String> label) {
    Map<String, List<CommandRecorder>> labelled = new TreeMap<>();
    for (CommandRecorders worker : workers) {
      for (CommandRecorder recorder : worker.all()) {
        labelled.computeIfAbsent(label.apply(recorder), any -> new ArrayList<>()).add(recorder);
      }
    }
    return labelled;
  }
}
