package io.cashew.hashing.distribution;

import java.util.List;

/** The lower half of the hashes to the first member: a distribution that another jar provides. */
public final class Halves implements DistributionFactory {

  @Override
  public String name() {
    return "halves";
  }

  @Override
  public Distribution create(List<Member> members, DistributionOptions options) {
    int first = members.get(0).index();
    int last = members.get(members.size() - 1).index();
    return hash -> hash >= 0 ? first : last;
  }
}
