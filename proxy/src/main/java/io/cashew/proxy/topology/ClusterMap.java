package io.cashew.proxy.topology;

import io.cashew.hashing.distribution.SlotRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who has which slots of a Redis Cluster, as far as its servers have said. Immutable.
 *
 * <p>Servers hear of changes one after the other, so what one says may be older than what another
 * has said before. An older view never replaces a newer one:
 *
 * <ul>
 *   <li>Of two claims to a slot the one of the greater epoch is newer, as it is for the servers
 *       themselves: whoever takes a slot over does so with an epoch above all others.
 *   <li>Whoever has a slot may give it away: it knows best what it has not any more.
 *   <li>That nobody has a slot is believed of the one that had it.
 *   <li>Who copies whom, and who is no member any more, is said by a server that has heard of as
 *       much as all before.
 *   <li>That a server without slots is a primary, it has to say itself.
 * </ul>
 */
final class ClusterMap {
  /** Nothing is known. */
  static final ClusterMap NOTHING =
      new ClusterMap(0, new String[SlotRange.SLOTS], new long[SlotRange.SLOTS], Map.of(), 1);

  private static final int SLOTS = SlotRange.SLOTS;

  private final long epoch;

  /** By slot the id of the server that has it; null: nobody has. */
  private final @Nullable String[] owners;

  /** By slot that of its owner's claim. */
  private final long[] epochs;

  private final Map<String, ClusterServer> servers;
  private final int databases;

  private ClusterMap(
      long epoch,
      @Nullable String[] owners,
      long[] epochs,
      Map<String, ClusterServer> servers,
      int databases) {
    this.epoch = epoch;
    this.owners = owners;
    this.epochs = epochs;
    this.servers = servers;
    this.databases = databases;
  }

  /** The greatest that a server has told; 0: none has. */
  long epoch() {
    return epoch;
  }

  /** How many databases each server has. */
  int databases() {
    return databases;
  }

  /** The server that has a slot; null: nobody has. */
  @Nullable ClusterServer owner(int slot) {
    String id = owners[slot];
    return id == null ? null : servers.get(id);
  }

  /** By slot the epoch of its owner's claim. */
  long[] claims() {
    return epochs.clone();
  }

  /** All servers, those without slots included. */
  List<ClusterServer> servers() {
    return List.copyOf(servers.values());
  }

  /** Addresses of servers of which only others say that they are primaries. */
  Set<String> unproven() {
    Set<String> addresses = new TreeSet<>();
    for (ClusterServer server : servers.values()) {
      if (server.condition() == ClusterServer.Condition.UNPROVEN && server.hasAddress()) {
        addresses.add(server.address());
      }
    }
    return addresses;
  }

  /** The same where what others say of a primary without slots is believed. */
  ClusterMap believingAll() {
    Map<String, ClusterServer> all = new LinkedHashMap<>(servers);
    all.replaceAll(
        (id, server) ->
            server.condition() == ClusterServer.Condition.UNPROVEN
                ? server.in(ClusterServer.Condition.WELL)
                : server);
    return new ClusterMap(epoch, owners, epochs, all, databases);
  }

  /** How many slots nobody has. */
  int uncovered() {
    int count = 0;
    for (String owner : owners) {
      count += owner == null ? 1 : 0;
    }
    return count;
  }

  /**
   * The servers that have slots, in the order of the first slot of each, and all that they have.
   */
  Map<ClusterServer, int[]> primaries() {
    Map<String, List<Integer>> slots = new LinkedHashMap<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      String owner = owners[slot];
      if (owner != null) {
        slots.computeIfAbsent(owner, id -> new ArrayList<>()).add(slot);
      }
    }
    Map<ClusterServer, int[]> primaries = new LinkedHashMap<>();
    slots.forEach(
        (id, its) -> {
          ClusterServer server = servers.get(id);
          if (server != null) {
            primaries.put(server, its.stream().mapToInt(Integer::intValue).toArray());
          }
        });
    return primaries;
  }

  /** Those that copy a server and are well, in the order of their ids. */
  List<ClusterServer> replicasOf(ClusterServer primary) {
    Map<String, ClusterServer> replicas = new TreeMap<>();
    servers.forEach(
        (id, server) -> {
          if (server.primary().equals(primary.id())
              && server.hasAddress()
              && server.condition() != ClusterServer.Condition.FAILED
              && server.condition() != ClusterServer.Condition.STRANGE) {
            replicas.put(id, server);
          }
        });
    return List.copyOf(replicas.values());
  }

  /** Whether a view is that of another Cluster: none of the owners here is a member there. */
  boolean isStrange(ClusterReply.View view) {
    Set<String> members = new HashSet<>();
    view.servers().forEach(server -> members.add(server.id()));
    boolean known = false;
    for (String owner : owners) {
      if (owner != null) {
        known = true;
        if (members.contains(owner)) {
          return false;
        }
      }
    }
    return known;
  }

  // ---------------------------------------------------------------- the law

  /** The map after another server has told its view; this one if the view adds nothing. */
  ClusterMap after(ClusterReply.View view) {
    @Nullable String[] claimed = new String[SLOTS];
    long[] claims = new long[SLOTS];
    Map<String, ClusterServer> told = new LinkedHashMap<>();
    for (ClusterServer server : view.servers()) {
      told.put(server.id(), server);
      if (server.isPrimary()) {
        for (SlotRange range : server.slots()) {
          Arrays.fill(claimed, range.first(), range.last() + 1, server.id());
          Arrays.fill(claims, range.first(), range.last() + 1, server.epoch());
        }
      }
    }
    boolean isNewest = view.epoch() >= epoch;
    @Nullable String[] newOwners = owners.clone();
    long[] newEpochs = epochs.clone();
    for (int slot = 0; slot < SLOTS; slot++) {
      if (isNewer(slot, claimed[slot], claims[slot], view, told)) {
        newOwners[slot] = claimed[slot];
        newEpochs[slot] = claims[slot];
      } else if (claimed[slot] != null && claimed[slot].equals(newOwners[slot])) {
        newEpochs[slot] = Math.max(newEpochs[slot], claims[slot]);
      }
    }
    Map<String, ClusterServer> newServers = servers(view.teller(), told, newOwners, isNewest);
    ClusterMap after =
        new ClusterMap(
            Math.max(epoch, view.epoch()),
            newOwners,
            newEpochs,
            newServers,
            isNewest ? view.databases() : databases);
    return after.equals(this) ? this : after;
  }

  /** Whether what a view says of a slot replaces what is known of it. */
  private boolean isNewer(
      int slot,
      @Nullable String claimed,
      long claim,
      ClusterReply.View view,
      Map<String, ClusterServer> told) {
    String owner = owners[slot];
    if (owner == null || owner.equals(claimed)) {
      return owner == null && claimed != null;
    }
    ClusterServer before = told.get(owner);
    boolean isGivenAway =
        owner.equals(view.teller()) && (before == null || before.epoch() >= epochs[slot]);
    if (claimed == null) {
      return isGivenAway;
    }
    boolean nobodyCounts = claim == 0 && epochs[slot] == 0;
    return claim > epochs[slot] || isGivenAway || nobodyCounts;
  }

  /** The members after a view, and what is said of each. */
  private Map<String, ClusterServer> servers(
      String teller,
      Map<String, ClusterServer> told,
      @Nullable String[] newOwners,
      boolean isNewest) {
    Set<String> owning = owning(newOwners);
    Set<String> owned = owning(owners);
    boolean knowsAll = told.keySet().containsAll(owning);
    Map<String, ClusterServer> members = new LinkedHashMap<>();
    servers.forEach(
        (id, server) -> {
          if (!(isNewest && knowsAll) || told.containsKey(id)) {
            members.put(id, server);
          }
        });
    told.forEach(
        (id, server) -> {
          ClusterServer known = members.get(id);
          if (known == null || isNewest) {
            members.put(
                id, server.hasAddress() || known == null ? server : server.at(known.address()));
          }
        });
    members.replaceAll(
        (id, server) ->
            owning.contains(id) || !server.isPrimary()
                ? bare(server, owning.contains(id))
                : withoutSlots(server, told.get(teller), owned.contains(id)));
    return members;
  }

  private static Set<String> owning(@Nullable String[] owners) {
    Set<String> owning = new HashSet<>();
    for (String owner : owners) {
      if (owner != null) {
        owning.add(owner);
      }
    }
    return owning;
  }

  /** A primary without slots, if it says so itself, or has since it had some. */
  private ClusterServer withoutSlots(
      ClusterServer server, @Nullable ClusterServer teller, boolean hadSlots) {
    ClusterServer before = servers.get(server.id());
    boolean saysSo =
        teller != null
            && teller.id().equals(server.id())
            && teller.isPrimary()
            && teller.slots().isEmpty();
    boolean hasSaidSo =
        !hadSlots
            && before != null
            && before.isPrimary()
            && before.condition() != ClusterServer.Condition.UNPROVEN;
    ClusterServer bare = bare(server, false);
    return switch (server.condition()) {
      case WELL, UNPROVEN ->
          bare.in(
              saysSo || hasSaidSo
                  ? ClusterServer.Condition.WELL
                  : ClusterServer.Condition.UNPROVEN);
      case SUSPECTED, FAILED, STRANGE -> bare;
    };
  }

  /** Without slots, which the map has; who has some is a primary, whatever an older view says. */
  private static ClusterServer bare(ClusterServer server, boolean owns) {
    return new ClusterServer(
        server.id(),
        server.address(),
        owns ? "" : server.primary(),
        0,
        server.condition(),
        List.of());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClusterMap map
        && epoch == map.epoch
        && databases == map.databases
        && Arrays.equals(owners, map.owners)
        && Arrays.equals(epochs, map.epochs)
        && servers.equals(map.servers);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(owners) + servers.hashCode();
  }
}
