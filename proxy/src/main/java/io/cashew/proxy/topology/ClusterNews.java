package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people what has changed in a Redis Cluster. */
final class ClusterNews {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterNews.class);

  private ClusterNews() {}

  static void tell(String pool, ClusterMap before, ClusterMap now) {
    Set<String> were = addresses(before);
    Set<String> are = addresses(now);
    int uncovered = now.uncovered();
    if (!were.equals(are)) {
      Set<String> gone = new LinkedHashSet<>(were);
      gone.removeAll(are);
      Set<String> come = new LinkedHashSet<>(are);
      come.removeAll(were);
      LOG.atInfo()
          .addMarker(Events.CLUSTER_CHANGED)
          .addKeyValue(Events.POOL, pool)
          .log(
              "pool '{}': {} primaries have the slots of its Cluster (epoch {}){}{}",
              pool,
              are.size(),
              now.epoch(),
              come.isEmpty() ? "" : "; new: " + String.join(", ", come),
              gone.isEmpty() ? "" : "; not any more: " + String.join(", ", gone));
    }
    if (uncovered > 0 && uncovered != before.uncovered()) {
      LOG.atWarn()
          .addMarker(Events.CLUSTER_COVERAGE)
          .addKeyValue(Events.POOL, pool)
          .log("pool '{}': no server of its Cluster has {} of the slots", pool, uncovered);
    } else if (uncovered == 0 && before.uncovered() > 0) {
      LOG.atInfo()
          .addMarker(Events.CLUSTER_COVERAGE)
          .addKeyValue(Events.POOL, pool)
          .log("pool '{}': all slots of its Cluster are served", pool);
    }
  }

  private static Set<String> addresses(ClusterMap map) {
    Set<String> addresses = new LinkedHashSet<>();
    map.primaries().keySet().forEach(each -> addresses.add(each.address()));
    return addresses;
  }
}
