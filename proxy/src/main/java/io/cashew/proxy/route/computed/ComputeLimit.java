package io.cashew.proxy.route.computed;

/**
 * How much one request may have computed here.
 *
 * @param elements of all its keys together; of {@code LCS}, pairs of characters by the thousand
 * @param bytes of what the nodes say
 */
public record ComputeLimit(int elements, long bytes) {

  /**
   * Refuses keys that have too many elements together.
   *
   * @throws RefusedRead if they have
   */
  void check(long count) {
    if (count > elements) {
      throw RefusedRead.tooLarge(count, this);
    }
  }
}
