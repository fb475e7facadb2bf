package io.cashew.proxy.route.computed;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;

/** The reply to a read is an error. */
final class RefusedRead extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String error;

  /** An error in Redis's words, its first word included. */
  RefusedRead(String error) {
    super(error, null, false, false);
    this.error = error;
  }

  static RefusedRead syntaxError() {
    return new RefusedRead("ERR syntax error");
  }

  static RefusedRead tooLarge(long elements, ComputeLimit limit) {
    return new RefusedRead(
        "ERR the keys are on several nodes and have "
            + elements
            + " elements, more than cross-shard-limit.elements ("
            + limit.elements()
            + "): ask for fewer, or keep them on one node by a hash tag");
  }

  ReplyValue reply() {
    return new ReplyValue('-', error, List.of(), false);
  }
}
