package io.cashew.proxy.testing;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a {@link TestProxy} with nodes {@code n0}, {@code n1} … puts keys. */
public final class Keys {
  private final KeyMapper mapper;

  private Keys(List<Member> members) {
    mapper =
        new KeyMapper(
            HashFunctions.byName("murmur"),
            Optional.of(HashTag.of("{}")),
            Distributions.byName("ketama")
                .create(members, new DistributionOptions(TestProxy.POINTS_PER_NODE)),
            members.size());
  }

  /** Over this many nodes. */
  public static Keys over(int nodes) {
    return without(nodes, -1);
  }

  /** Over this many nodes, of which one is ejected. */
  public static Keys without(int nodes, int ejected) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      if (i != ejected) {
        members.add(new Member(i, "n" + i, 1, List.of()));
      }
    }
    return new Keys(members);
  }

  /** Index of the node of a key. */
  public int nodeOf(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    return mapper.nodeFor(bytes, 0, bytes.length);
  }

  /** A key of a node. */
  public String on(int node) {
    return on(node, 1).get(0);
  }

  /** This many keys of a node. */
  public List<String> on(int node, int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; keys.size() < count; i++) {
      String key = "key:" + i;
      if (nodeOf(key) == node) {
        keys.add(key);
      }
    }
    return keys;
  }
}
