package io.cashew.hashing.distribution;

import java.util.List;

/** Makes the {@link Distribution}s of one kind. */
public interface DistributionFactory {

  /** The name in a configuration file: {@code ketama}. */
  String name();

  /**
   * Spreads hashes over members.
   *
   * @param members the members that take part, at least one, in any order
   * @param options settings of the distribution
   * @return an immutable distribution over exactly these members
   * @throws IllegalArgumentException if the members cannot be spread over: none of them, two of one
   *     index or name, ranges of slots that overlap or leave a gap; the message names the member
   */
  Distribution create(List<Member> members, DistributionOptions options);
}
