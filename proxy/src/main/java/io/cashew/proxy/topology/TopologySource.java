package io.cashew.proxy.topology;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows who the shards of a pool are, and says so each time that changes. Everything is called on
 * the control thread, where a source may also call; it never waits.
 */
public interface TopologySource extends AutoCloseable {

  /** Takes each topology that a source finds; never one that is equal to the last. */
  interface Sink {
    void publish(Topology topology);
  }

  /** Asks servers on a source's behalf. */
  interface Asker {
    /**
     * Sends requests on a connection of their own.
     *
     * @param server at its address
     * @param requests bytes of each
     * @param replies gets one for each request, or null if they did not come; on the control thread
     */
    void ask(ServerId server, List<byte[]> requests, Consumer<@Nullable List<byte[]>> replies);
  }

  /**
   * Begins.
   *
   * @param sink takes what is found, the first of it at once if it is known
   * @param asker for what has to be asked
   */
  void start(Sink sink, Asker asker);

  /** Traffic has shown something; a source that cannot use it does nothing. */
  void hint(Hint hint);

  /** Publishes nothing more. */
  @Override
  void close();
}
