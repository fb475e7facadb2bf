package io.cashew.proxy.route.computed;

import io.cashew.proxy.resp.ReplyValue;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code SINTER SUNION SDIFF SINTERCARD} of the members of each key. Stateless. */
final class SetReads {
  private SetReads() {}

  static ReplyValue intersection(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    return reply(keys, intersection(keys, limit));
  }

  static ReplyValue union(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    check(keys, limit);
    Set<String> union = new LinkedHashSet<>();
    keys.forEach(key -> union.addAll(members(key)));
    return reply(keys, union);
  }

  static ReplyValue difference(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    check(keys, limit);
    Set<String> difference = new LinkedHashSet<>(members(keys.get(0)));
    keys.subList(1, keys.size()).forEach(key -> members(key).forEach(difference::remove));
    return reply(keys, difference);
  }

  static ReplyValue intersectionSize(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    request.skipCountedKeys();
    return size(intersection(keys, limit).size(), request);
  }

  /** A number of elements, of which a {@code LIMIT} may ask no more than it says. */
  static ReplyValue size(int size, Arguments request) {
    long most = 0;
    while (request.hasMore()) {
      if (!request.word().equals("LIMIT") || !request.hasMore()) {
        throw RefusedRead.syntaxError();
      }
      most = request.number("ERR LIMIT can't be negative");
      if (most < 0) {
        throw new RefusedRead("ERR LIMIT can't be negative");
      }
    }
    return ReplyValue.integer(most == 0 ? size : Math.min(size, most));
  }

  private static Set<String> intersection(List<ReplyValue> keys, ComputeLimit limit) {
    check(keys, limit);
    Set<String> common = new LinkedHashSet<>(members(keys.get(0)));
    for (ReplyValue key : keys.subList(1, keys.size())) {
      common.retainAll(new HashSet<>(members(key)));
    }
    return common;
  }

  private static void check(List<ReplyValue> keys, ComputeLimit limit) {
    limit.check(keys.stream().mapToLong(key -> key.elements().size()).sum());
  }

  private static List<String> members(ReplyValue key) {
    return key.elements().stream().map(ReplyValue::text).toList();
  }

  /** As the nodes write a set: an array in RESP2, a set in RESP3. */
  private static ReplyValue reply(List<ReplyValue> keys, Set<String> members) {
    return keys.get(0)
        .withElements(
            members.stream().map(text -> new ReplyValue('$', text, List.of(), false)).toList());
  }
}
