package io.cashew.proxy.cache;

import io.cashew.proxy.loop.Worker;

/** A connection on which a server tells of keys that change. */
interface Hearing {
  /**
   * Runs a task, on the thread of {@code of}, when all has been heard that the server had to tell
   * until now, or nothing of it is given any more. From any thread.
   */
  void whenHeard(Worker of, Runnable task);
}
