package io.cashew.proxy.insight;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found of one pool's keys. Immutable.
 *
 * @param hot most often first
 * @param keysPerSecond about how many keys requests name each second
 * @param big largest first
 */
public record TopKeys(List<HotKey> hot, double keysPerSecond, List<BigKey> big) {
  /** Nothing was found. */
  public static final TopKeys NONE = new TopKeys(List.of(), 0, List.of());

  public TopKeys {
    hot = List.copyOf(hot);
    big = List.copyOf(big);
  }

  /** What several workers have found. */
  public static TopKeys merge(List<TopKeys> workers) {
    double all = workers.stream().mapToDouble(TopKeys::keysPerSecond).sum();
    Map<ByteBuffer, Double> perSecond = new LinkedHashMap<>();
    for (TopKeys worker : workers) {
      for (HotKey key : worker.hot()) {
        perSecond.merge(ByteBuffer.wrap(key.key()), key.perSecond(), Double::sum);
      }
    }
    List<HotKey> hot = new ArrayList<>();
    perSecond.forEach(
        (key, rate) -> hot.add(new HotKey(bytes(key), rate, all > 0 ? rate / all : 0)));
    hot.sort(Comparator.comparingDouble(HotKey::perSecond).reversed());
    return new TopKeys(hot, all, BigKeys.merge(workers.stream().map(TopKeys::big).toList()));
  }

  private static byte[] bytes(ByteBuffer key) {
    byte[] bytes = new byte[key.remaining()];
    key.get(bytes);
    return bytes;
  }
}
