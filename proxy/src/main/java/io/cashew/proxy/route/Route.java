package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import org.jspecify.annotations.Nullable;

/**
 * What was done with a request, or where it would be sent. One for each that routes, filled anew by
 * each call: whoever asks reads it before anything else is asked. Confined to the worker.
 */
public final class Route {
  private byte @Nullable [] refusal;
  private @Nullable Backend target;
  private int shard;
  private @Nullable Backend busy;

  /** Everything at once: nothing is left of what was asked before. */
  private Route fill(
      byte @Nullable [] error, @Nullable Backend to, @Nullable Backend hasMuchToSend) {
    refusal = error;
    target = to;
    busy = hasMuchToSend;
    return this;
  }

  /** To the one node of all keys; null: the request has no keys, and any node would do. */
  Route to(@Nullable Backend one) {
    return fill(null, one, null);
  }

  /** To the one node of all keys, which is that of a shard. */
  Route to(int index, Backend one) {
    shard = index;
    return fill(null, one, null);
  }

  /** Index of the shard of {@link #target}, if there is one. */
  int shard() {
    return shard;
  }

  /** To no node. */
  public Route refused(byte[] error) {
    return fill(error, null, null);
  }

  /**
   * Sent.
   *
   * @param hasMuchToSend one of its backends whose feeders should pause; null: none
   */
  public Route sent(@Nullable Backend hasMuchToSend) {
    return fill(null, null, hasMuchToSend);
  }

  /** Whether the request is refused: {@link #refusal} is its reply. */
  public boolean isRefused() {
    return refusal != null;
  }

  /**
   * The error reply of a request that is refused.
   *
   * @throws IllegalStateException if it is not
   */
  public byte[] refusal() {
    byte[] error = refusal;
    if (error == null) {
      throw new IllegalStateException("not refused");
    }
    return error;
  }

  /**
   * The backend of a request that was not sent yet; null: it has no keys, or is {@linkplain
   * #isRefused refused}.
   */
  public @Nullable Backend target() {
    return target;
  }

  /** A backend that has so much to send that those who feed it should pause; null: none. */
  public @Nullable Backend busy() {
    return busy;
  }
}
