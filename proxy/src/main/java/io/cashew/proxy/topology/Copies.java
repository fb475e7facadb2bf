package io.cashew.proxy.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Which shards hold the same data, and which one of those is asked. Immutable. A shard is its index
 * in the topology.
 *
 * <p>Names of one server hold the same data and are reached by one request. Shards of the
 * distribution {@code random} hold the same data too, but each in a server of its own: what reads
 * or listens asks one of them, what changes every server goes to each.
 *
 * @param anyShardWillDo for any key, since the distribution is for shards that hold the same data
 * @param dataOf for each shard, the first shard that holds the same data
 * @param readers one shard for each different data, in the order of {@code dataOf}: the first of
 *     those that are up, or the first of all while none is
 * @param servers one shard for each server, chosen in the same way
 */
public record Copies(
    boolean anyShardWillDo, List<Integer> dataOf, List<Integer> readers, List<Integer> servers) {

  /**
   * Every shard holds data of its own.
   *
   * @param shards how many there are
   */
  public static Copies none(int shards) {
    List<Integer> all = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      all.add(shard);
    }
    List<Integer> each = List.copyOf(all);
    return new Copies(false, each, each, each);
  }

  /**
   * What is so at this moment.
   *
   * @param shards of a topology, in its order
   * @param allHoldTheSame whether the distribution is for shards that hold the same data
   * @param areOne whether two ids are names of one server
   * @param isUp whether a server may be asked
   */
  public static Copies of(
      List<Shard> shards,
      boolean allHoldTheSame,
      BiPredicate<ServerId, ServerId> areOne,
      Predicate<ServerId> isUp) {
    List<ServerId> primaries = shards.stream().map(Shard::primary).toList();
    List<Integer> serverOf = new ArrayList<>();
    List<Integer> dataOf = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      int first = 0;
      while (first < shard && !areOne.test(primaries.get(first), primaries.get(shard))) {
        first++;
      }
      serverOf.add(first == shard ? shard : serverOf.get(first));
      dataOf.add(allHoldTheSame ? 0 : serverOf.get(shard));
    }
    return new Copies(
        allHoldTheSame,
        List.copyOf(dataOf),
        oneOfEach(dataOf, primaries, isUp),
        oneOfEach(serverOf, primaries, isUp));
  }

  /**
   * Of the shards of several topologies in one list.
   *
   * @param parts what is so in each of them; in none any shard will do
   * @param areOne whether shards of two of them, by their places in the list, hold the same data
   */
  public static Copies joined(List<Copies> parts, BiPredicate<Integer, Integer> areOne) {
    List<Integer> dataOf = new ArrayList<>();
    List<Integer> readers = new ArrayList<>();
    List<Integer> servers = new ArrayList<>();
    for (Copies part : parts) {
      int first = dataOf.size();
      for (int shard = 0; shard < part.dataOf.size(); shard++) {
        int same = first + part.dataOf.get(shard);
        dataOf.add(
            same < dataOf.size() ? dataOf.get(same) : firstOfOthers(first, same, areOne, dataOf));
      }
      part.readers.stream()
          .map(reader -> first + reader)
          .filter(reader -> dataOf.get(reader) >= first)
          .forEach(readers::add);
      part.servers.stream()
          .map(server -> first + server)
          .filter(server -> dataOf.get(server) >= first)
          .forEach(servers::add);
    }
    return new Copies(false, List.copyOf(dataOf), List.copyOf(readers), List.copyOf(servers));
  }

  private static int firstOfOthers(
      int others, int shard, BiPredicate<Integer, Integer> areOne, List<Integer> dataOf) {
    for (int other = 0; other < others; other++) {
      if (areOne.test(other, shard)) {
        return dataOf.get(other);
      }
    }
    return shard;
  }

  private static List<Integer> oneOfEach(
      List<Integer> firstOf, List<ServerId> primaries, Predicate<ServerId> isUp) {
    List<Integer> chosen = new ArrayList<>();
    for (int first = 0; first < primaries.size(); first++) {
      if (firstOf.get(first) == first) {
        int up = first;
        while (up < primaries.size()
            && !(firstOf.get(up) == first && isUp.test(primaries.get(up)))) {
          up++;
        }
        chosen.add(up < primaries.size() ? up : first);
      }
    }
    return List.copyOf(chosen);
  }

  /** The shard that is asked for the data of {@code shard}. */
  public int readerOf(int shard) {
    int first = dataOf.get(shard);
    for (int i = 0; i < readers.size(); i++) {
      int reader = readers.get(i);
      if (dataOf.get(reader) == first) {
        return reader;
      }
    }
    throw new IllegalStateException("no reader for shard " + shard + ": " + this);
  }

  /** The reader of the next data behind that of {@code shard}; -1 if it is the last. */
  public int readerBehind(int shard) {
    int first = dataOf.get(shard);
    for (int i = 0; i < readers.size(); i++) {
      int reader = readers.get(i);
      if (dataOf.get(reader) > first) {
        return reader;
      }
    }
    return -1;
  }
}
