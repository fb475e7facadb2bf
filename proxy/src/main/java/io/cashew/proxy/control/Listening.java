package io.cashew.proxy.control;

import io.cashew.proxy.client.pool.Listener;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import java.io.IOException;
import java.util.OptionalInt;

/** Opens the listeners of pools. */
final class Listening {
  private Listening() {}

  /**
   * Listens where a pool wants to, without accepting anybody yet.
   *
   * @throws IOException if that is not possible; the message says where and why
   */
  static Listener open(PoolSettings settings, WorkerGroup workers, Sockets sockets)
      throws IOException {
    UnixSocketFile.before(settings.listen());
    Listener listener =
        new Listener(
            Addresses.ofListener(settings.listen(), sockets),
            settings.clients().backlog(),
            workers,
            sockets);
    try {
      UnixSocketFile.after(settings.listen());
    } catch (IOException wrong) {
      listener.close();
      throw wrong;
    }
    return listener;
  }

  /**
   * As above, with the socket of another process if it hands one over that listens there.
   *
   * @throws IOException if that is not possible; the message says where and why
   */
  static Listener open(
      PoolSettings settings, WorkerGroup workers, Sockets sockets, Inherited inherited)
      throws IOException {
    OptionalInt descriptor = inherited.descriptor(settings.listen());
    if (descriptor.isEmpty()) {
      return open(settings, workers, sockets);
    }
    Listener listener =
        Listener.adopt(
            descriptor.getAsInt(),
            Addresses.ofListener(settings.listen(), sockets),
            settings.clients().backlog(),
            workers,
            sockets);
    UnixSocketFile.after(settings.listen());
    return listener;
  }

  /** Whether what listens at one address can serve for the other. */
  static boolean isSame(Address one, Address other) {
    return one.text().equals(other.text());
  }
}
