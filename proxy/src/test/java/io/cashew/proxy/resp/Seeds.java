package io.cashew.proxy.resp;

/** Where random tests begin: the same each time unless {@code -Dcashew.seed} says otherwise. */
final class Seeds {
  private Seeds() {}

  /** The seed of one test; name it in what the test says when it fails. */
  static long of(int test) {
    return Long.getLong("cashew.seed", 20_260_101L) * 31 + test;
  }
}
