package io.cashew.proxy.testing;

import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.topology.SlotPlacement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis Cluster on the loopback address, made with the commands of its servers alone; a
 * server counts as failed after two seconds. The servers are those of {@link
 * RealRedis#startForCluster}. For one thread at a time.
 */
public final class RealCluster implements AutoCloseable {
  private static final int ATTEMPTS = 10;

  /** More than the servers take before they give a planned failover up. */
  private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(6);

  /**
   * Servers that have held an election in vain, as on a busy machine, hold the next one after four
   * times the time-out: several of them are waited for.
   */
  private static final long PATIENCE_SECONDS = 90;

  /** How many slots there are. */
  public static final int SLOTS = 16_384;

  private static final SlotPlacement PLACEMENT = new SlotPlacement(new int[SLOTS]);
  private static final String[] TAGS = tags();

  private final Path directory;
  private final String[] arguments;
  private final List<RealRedis> servers = new ArrayList<>();
  private final Map<RealRedis, String> ids = new HashMap<>();
  private final Map<RealRedis, Path> homes = new HashMap<>();
  private int started;

  /** By server where it speaks TLS; empty: none does. */
  private final Map<RealRedis, Integer> tlsPorts = new HashMap<>();

  private boolean isOverTls;
  private boolean isInstalled;

  /** What servers ask for; empty: nothing. */
  private String password = "";

  private RealCluster(String... arguments) {
    this.arguments = arguments;
    try {
      directory = Files.createTempDirectory("cashew-cluster");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts one that covers all slots; every server knows that when this returns.
   *
   * @param primaries which come first in {@link #servers()}, with about as many slots each
   * @param replicasEach which follow: the first of each primary, in the order of the primaries,
   *     then the second
   * @param arguments of each server
   */
  public static RealCluster start(int primaries, int replicasEach, String... arguments) {
    RealCluster cluster = new RealCluster(arguments);
    try {
      cluster.begin(primaries, replicasEach);
    } catch (RuntimeException | AssertionError e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /**
   * The same of installed servers that speak TLS among themselves, with a plain port for the test.
   *
   * @param arguments of each server: the files of its certificate
   */
  public static RealCluster startOverTls(String... arguments) {
    RealCluster cluster = new RealCluster(arguments);
    cluster.isOverTls = true;
    try {
      cluster.begin(3, 1);
    } catch (RuntimeException | AssertionError e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** The same as {@link #start(int, int, String...)}, of installed servers. */
  public static RealCluster startInstalled(int primaries, int replicasEach) {
    RealCluster cluster = new RealCluster();
    cluster.isInstalled = true;
    try {
      cluster.begin(primaries, replicasEach);
    } catch (RuntimeException | AssertionError e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** Where a server speaks TLS, or, if it does not, where it listens. */
  public int memberPort(RealRedis server) {
    return tlsPorts.getOrDefault(server, server.port());
  }

  /** Three primaries with a replica each. */
  public static RealCluster start() {
    return start(3, 1);
  }

  private void begin(int primaries, int replicasEach) {
    for (int i = 0; i < primaries * (1 + replicasEach); i++) {
      startServer();
    }
    for (int i = 0; i < servers.size(); i++) {
      ok(servers.get(i), "CLUSTER", "SET-CONFIG-EPOCH", "" + (i + 1));
    }
    for (int i = 0; i < primaries; i++) {
      addSlots(servers.get(i), SLOTS * i / primaries, SLOTS * (i + 1) / primaries);
    }
    servers.subList(1, servers.size()).forEach(this::meet);
    awaitAll("each server knows all", () -> servers.stream().allMatch(this::knowsAll));
    for (int i = primaries; i < servers.size(); i++) {
      replicate(servers.get(i), servers.get((i - primaries) % primaries));
    }
    awaitWell();
  }

  private void meet(RealRedis other) {
    int bus = memberPort(other) + 10_000;
    ok(servers.get(0), "CLUSTER", "MEET", "127.0.0.1", "" + other.port(), "" + bus);
  }

  private RealRedis startServer() {
    try {
      int tlsPort = isOverTls ? FreePorts.next() : 0;
      Path its = Files.createDirectory(directory.resolve("server" + started++));
      String[] given = ofEach(tlsPort);
      RealRedis server =
          isOverTls || isInstalled
              ? RealRedis.startInstalledForCluster(its, given).orElseThrow()
              : RealRedis.startForCluster(its, given);
      if (isOverTls) {
        tlsPorts.put(server, tlsPort);
      }
      servers.add(server);
      homes.put(server, its);
      ids.put(server, String.valueOf(ask(server, "CLUSTER", "MYID")));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String[] ofEach(int tlsPort) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--cluster-node-timeout",
                "2000",
                "--cluster-replica-validity-factor",
                "0",
                "--repl-diskless-sync",
                "yes",
                "--repl-diskless-sync-delay",
                "0"));
    all.addAll(List.of(arguments));
    if (isOverTls) {
      all.addAll(
          List.of("--tls-port", "" + tlsPort, "--tls-cluster", "yes", "--tls-replication", "yes"));
    }
    return all.toArray(String[]::new);
  }

  private void addSlots(RealRedis server, int from, int to) {
    ok(
        server,
        Stream.concat(
                Stream.of("CLUSTER", "ADDSLOTS"), IntStream.range(from, to).mapToObj(i -> "" + i))
            .toArray(String[]::new));
  }

  // ---------------------------------------------------------------- who is there

  /** All servers that were started and not {@linkplain #remove removed}, killed ones included. */
  public List<RealRedis> servers() {
    return List.copyOf(servers);
  }

  /** One of them by its place. */
  public RealRedis server(int index) {
    return servers.get(index);
  }

  /** The id that a server has in the Cluster. */
  public String id(RealRedis server) {
    String id = ids.get(server);
    if (id == null) {
      throw new IllegalArgumentException("no server of this Cluster: " + server.address());
    }
    return id;
  }

  /** The server that has a slot, as {@code teller} says; null: none. */
  public @Nullable RealRedis ownerOf(int slot, RealRedis teller) {
    List<?> ranges = ask(teller, "CLUSTER", "SLOTS") instanceof List<?> said ? said : List.of();
    for (Object each : ranges) {
      List<?> range = (List<?>) each;
      if ((Long) range.get(0) <= slot && slot <= (Long) range.get(1)) {
        long port = (Long) ((List<?>) range.get(2)).get(1);
        return servers.stream().filter(its -> its.port() == port).findFirst().orElse(null);
      }
    }
    return null;
  }

  /** The slot of a key. */
  public static int slotOf(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    return PLACEMENT.groupOf(bytes, 0, bytes.length);
  }

  /** A key of a slot: a hash tag, which may be followed by anything. */
  public static String keyOf(int slot) {
    return TAGS[slot];
  }

  private static String[] tags() {
    String[] tags = new String[SLOTS];
    int missing = SLOTS;
    for (int i = 0; missing > 0; i++) {
      String tag = "{" + i + "}";
      int slot = slotOf(tag);
      if (tags[slot] == null) {
        tags[slot] = tag;
        missing--;
      }
    }
    return tags;
  }

  // ---------------------------------------------------------------- what is asked

  private @Nullable Object ask(RealRedis server, String... request) {
    try (RawClient client = server.connect()) {
      if (!password.isEmpty()) {
        client.send("AUTH", password);
      }
      return client.send(request);
    }
  }

  private void ok(RealRedis server, String... request) {
    Object said = ask(server, request);
    if (!"OK".equals(said)) {
      throw new IllegalStateException(
          server.address() + " answers " + said + " to " + String.join(" ", request));
    }
  }

  private boolean isAnswer(RealRedis server, String part, String... request) {
    return ask(server, request) instanceof String said && said.contains(part);
  }

  private boolean knowsAll(RealRedis server) {
    return isAnswer(server, "cluster_known_nodes:" + servers.size() + "\r", "CLUSTER", "INFO")
        && !isAnswer(server, "handshake", "CLUSTER", "NODES");
  }

  private void awaitAll(String what, BooleanSupplier condition) {
    Await.until(
        PATIENCE_SECONDS, () -> what + "\n" + ask(servers.get(0), "CLUSTER", "NODES"), condition);
  }

  /** Waits until each server says that all slots are served, and all say the same of each. */
  public void awaitWell() {
    awaitAll(
        "the Cluster is well",
        () ->
            servers.stream().allMatch(each -> knowsAll(each) && isWell(each))
                && servers.stream().map(this::view).distinct().count() == 1);
  }

  private boolean isWell(RealRedis server) {
    return isAnswer(server, "cluster_state:ok", "CLUSTER", "INFO")
        && !isAnswer(server, "master_link_status:down", "INFO", "replication");
  }

  /** Of each server its id, its role, its primary and its slots, in the order of the ids. */
  private List<String> view(RealRedis server) {
    String nodes = String.valueOf(ask(server, "CLUSTER", "NODES"));
    return nodes
        .lines()
        .map(line -> Arrays.asList(line.split(" ", -1)))
        .filter(fields -> fields.size() >= 8)
        .map(
            fields ->
                fields.get(0)
                    + fields.get(2).replace("myself,", "")
                    + fields.get(3)
                    + fields.subList(8, fields.size()).stream()
                        .filter(slots -> !slots.startsWith("["))
                        .toList())
        .sorted()
        .toList();
  }

  // ---------------------------------------------------------------- what is done to it

  /** Has all servers ask for a password, also each other. */
  public void protect(String secret) {
    for (RealRedis server : servers) {
      ok(server, "CONFIG", "SET", "masterauth", secret);
      ok(server, "CONFIG", "SET", "requirepass", secret);
    }
    password = secret;
  }

  /**
   * Sets something at all servers.
   *
   * @return false if they do not know it, being too old
   */
  public boolean set(String name, String value) {
    return servers.stream()
        .allMatch(server -> "OK".equals(ask(server, "CONFIG", "SET", name, value)));
  }

  /** Has all servers announce that they are at an address, and waits until all have heard. */
  public void announce(String ip) {
    if (!set("cluster-announce-ip", ip)) {
      throw new IllegalStateException("the servers do not announce " + ip);
    }
    awaitAll(
        "each server has heard",
        () ->
            servers.stream()
                .allMatch(
                    each ->
                        String.valueOf(ask(each, "CLUSTER", "NODES"))
                            .lines()
                            .allMatch(line -> line.isBlank() || line.contains(" " + ip + ":"))));
  }

  /** Starts one server more, which has no slots; all know it when this returns. */
  public RealRedis join() {
    RealRedis joined = startServer();
    meet(joined);
    awaitWell();
    return joined;
  }

  /**
   * Starts a server that was killed once more, at its port and with what it knew of the Cluster.
   */
  public RealRedis comeBack(int index) {
    RealRedis former = servers.get(index);
    Path its = homes.getOrDefault(former, directory);
    RealRedis back = RealRedis.startForClusterAt(former.port(), its, ofEach(memberPort(former)));
    homes.put(back, its);
    ids.put(back, id(former));
    ids.remove(former);
    servers.set(index, back);
    return back;
  }

  /** Has a server become a replica of another, and waits until that says so. */
  public void replicate(RealRedis replica, RealRedis primary) {
    ok(replica, "CLUSTER", "REPLICATE", id(primary));
    SentinelRing.awaitReplica(replica, memberPort(primary));
  }

  /** Has all others forget a server that has no slots, and ends it. */
  public void remove(RealRedis server) {
    forget(server);
    server.close();
  }

  /**
   * Has all others forget a server that has no slots, when it has sent away who waits for keys
   * there: a server looks for them about once a second.
   */
  public void forget(RealRedis server) {
    String id = id(server);
    awaitAll(
        "nobody waits at a server without slots",
        () -> isAnswer(server, "blocked_clients:0\r", "INFO", "clients"));
    servers.remove(server);
    servers.forEach(other -> ok(other, "CLUSTER", "FORGET", id));
    ids.remove(server);
    awaitWell();
  }

  /**
   * Has a replica take over from its primary in a planned way, and waits until all know it. Servers
   * give such an attempt up after five seconds, which a busy machine may take: then it is made
   * again. So it is when a server does not begin it, since its primary has just been late.
   */
  public void failOver(RealRedis replica) {
    long[] nextNanos = {System.nanoTime()};
    awaitAll(
        "a replica has taken over",
        () -> {
          if (!isPrimary(replica, replica) && System.nanoTime() - nextNanos[0] >= 0) {
            boolean begins = "OK".equals(ask(replica, "CLUSTER", "FAILOVER"));
            nextNanos[0] = System.nanoTime() + (begins ? ATTEMPT_NANOS : ATTEMPT_NANOS / 10);
          }
          return servers.stream().allMatch(each -> isPrimary(replica, each));
        });
    awaitWell();
  }

  private boolean isPrimary(RealRedis server, RealRedis teller) {
    return String.valueOf(ask(teller, "CLUSTER", "NODES"))
        .lines()
        .anyMatch(line -> line.startsWith(id(server)) && line.contains("master"));
  }

  /** Begins to move a slot: keys that the source has not any more are {@code ASK}ed for. */
  public void beginMove(int slot, RealRedis from, RealRedis to) {
    ok(to, "CLUSTER", "SETSLOT", "" + slot, "IMPORTING", id(from));
    ok(from, "CLUSTER", "SETSLOT", "" + slot, "MIGRATING", id(to));
  }

  /**
   * Moves keys of a slot that is being moved.
   *
   * @param most of them
   * @return how many the source had, some of which may have been deleted before they moved; 0: it
   *     has none any more, and a slot that ends its move earlier loses what is left
   */
  public int moveKeys(int slot, RealRedis from, RealRedis to, int most) {
    Object said = ask(from, "CLUSTER", "GETKEYSINSLOT", "" + slot, "" + most);
    List<?> keys = said instanceof List<?> some ? some : List.of();
    if (keys.isEmpty()) {
      return 0;
    }
    boolean unused = moveKeys(from, to, keys.stream().map(String::valueOf).toArray(String[]::new));
    return keys.size();
  }

  /** Moves these keys. @return false if none of them is there */
  public boolean moveKeys(RealRedis from, RealRedis to, String... keys) {
    List<String> request =
        new ArrayList<>(List.of("MIGRATE", "127.0.0.1", "" + memberPort(to), "", "0", "5000"));
    if (!password.isEmpty()) {
      request.addAll(List.of("AUTH", password));
    }
    request.add("KEYS");
    request.addAll(List.of(keys));
    Object said = ask(from, request.toArray(String[]::new));
    // Of two servers each is down for a moment when the other is late to answer.
    for (int i = 0; i < ATTEMPTS && String.valueOf(said).contains("CLUSTERDOWN"); i++) {
      awaitWell();
      said = ask(from, request.toArray(String[]::new));
    }
    if (said instanceof ErrorReply || said == null) {
      throw new IllegalStateException("MIGRATE: " + said);
    }
    return said.equals("OK");
  }

  /**
   * Ends to move a slot, which has no keys at its source any more: both are told. A server that
   * hears from the other first that it has lost its last slot becomes a replica of that.
   *
   * <p>The new owner takes the next epoch after the greatest that it has heard of. If its source
   * had a greater one, a message that this has sent before would take the slot back, and both would
   * name the other for good: so the new owner hears of all epochs first.
   */
  public void endMove(int slot, RealRedis from, RealRedis to) {
    awaitAll(
        "the new owner knows the epochs of all",
        () -> servers.stream().allMatch(each -> epoch(each) <= epoch(to)));
    ok(to, "CLUSTER", "SETSLOT", "" + slot, "NODE", id(to));
    Object said = ask(from, "CLUSTER", "SETSLOT", "" + slot, "NODE", id(to));
    if (!"OK".equals(said) && !String.valueOf(said).contains("only with masters")) {
      throw new IllegalStateException(from.address() + " keeps slot " + slot + ": " + said);
    }
  }

  private long epoch(RealRedis server) {
    String info = String.valueOf(ask(server, "CLUSTER", "INFO"));
    String name = "cluster_current_epoch:";
    return info.lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.substring(name.length())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(server.address() + " says " + info));
  }

  /** Moves a slot with all of its keys. */
  public void move(int slot, RealRedis from, RealRedis to) {
    beginMove(slot, from, to);
    while (moveKeys(slot, from, to, 100) > 0) {
      // there may be more
    }
    endMove(slot, from, to);
  }

  /** Kills all servers and takes their files away. */
  @Override
  public void close() {
    servers.forEach(RealRedis::close);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
