package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.resp.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Hears of errors to a request that has a connection for itself: what becomes of it if it was not
 * executed, only the holder of the connection knows. Confined to the worker.
 */
public interface LeaseRefusal {
  /**
   * The server has answered with an error.
   *
   * @param verdict whether it has executed the request
   * @param to the server to which it has sent the request; null: to none, or to one that is not
   *     known here
   * @return whether its client does not get that: something else will be given, or the request is
   *     sent again
   */
  boolean takes(Verdict verdict, @Nullable Backend to);
}
