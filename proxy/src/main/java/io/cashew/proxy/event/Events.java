package io.cashew.proxy.event;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * The kinds of events, as markers of a line of the log: whatever has one is kept in the {@link
 * EventLog}, too. What an event is about, it has as key-value pairs beside its text.
 */
public final class Events {
  private static final Map<String, Marker> KINDS = new LinkedHashMap<>();
  private static final List<String> MATTER = new ArrayList<>();

  /** A node does not answer, and requests for it fail at once; with the node. */
  public static final Marker NODE_DOWN = kind("node-down", true);

  /** A node answers again; with how long it was away. */
  public static final Marker NODE_UP = kind("node-up", true);

  /** The keys of a node are elsewhere until it is back. */
  public static final Marker NODE_EJECTED = kind("node-ejected", true);

  /** The keys of a node are its own again. */
  public static final Marker NODE_READMITTED = kind("node-readmitted", true);

  /** A node has another primary; with how long it had none that served. */
  public static final Marker FAILOVER = kind("failover", true);

  /** A node has its former primary again. */
  public static final Marker PRIMARY_BACK = kind("primary-back", false);

  /** It is not known who is primary of a node, or its primary is not trusted. */
  public static final Marker NO_PRIMARY = kind("no-primary", true);

  /** A second server says that it is primary of a node. */
  public static final Marker RIVAL = kind("rival", true);

  /** A replica is read from, or is not any more. */
  public static final Marker REPLICA = kind("replica", false);

  /** Other primaries have the slots of a Cluster. */
  public static final Marker CLUSTER_CHANGED = kind("cluster-changed", false);

  /** Slots of a Cluster have no server, or all have one again. */
  public static final Marker CLUSTER_COVERAGE = kind("cluster-coverage", true);

  /** None of the servers of a Cluster answers, or too few Sentinels do; or they answer again. */
  public static final Marker SOURCE_SILENT = kind("source-silent", true);

  /** A name has another address. */
  public static final Marker NAME_MOVED = kind("name-moved", false);

  /** A configuration is in force. */
  public static final Marker RELOADED = kind("reloaded", false);

  /** A configuration was refused. */
  public static final Marker RELOAD_REFUSED = kind("reload-refused", true);

  /** Renewed certificates are in use, or cannot be used. */
  public static final Marker CERTIFICATE = kind("certificate", true);

  /** Somebody has asked for something at the admin address, which was done or refused. */
  public static final Marker ACTION = kind("action", true);

  /** The proxy is ready. */
  public static final Marker STARTED = kind("started", false);

  /** The proxy drains, or cut clients off. */
  public static final Marker DRAINING = kind("draining", true);

  /** The key of the pool's name. */
  public static final String POOL = "pool";

  /** The key of the node's name. */
  public static final String NODE = "node";

  /** The key of a duration in milliseconds. */
  public static final String MILLIS = "millis";

  private Events() {}

  private static Marker kind(String name, boolean matters) {
    Marker marker = MarkerFactory.getDetachedMarker(name);
    KINDS.put(name, marker);
    if (matters) {
      MATTER.add(name);
    }
    return marker;
  }

  /** The names of all kinds. */
  public static List<String> kinds() {
    return List.copyOf(KINDS.keySet());
  }

  /** Those of kinds of which somebody may want to hear wherever they are. */
  public static List<String> thatMatter() {
    return List.copyOf(MATTER);
  }

  /** Whether a marker of a line is a kind of event. */
  public static boolean isKind(@Nullable Marker marker) {
    return marker != null && KINDS.get(marker.getName()) == marker;
  }
}
