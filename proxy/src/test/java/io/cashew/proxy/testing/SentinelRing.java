package io.cashew.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A primary, its replica, and Sentinels that watch them; all real, on the loopback address. A
 * server counts as down after a second.
 */
public final class SentinelRing implements AutoCloseable {
  /** The name of the master. */
  public static final String MASTER = "main";

  private final Path directory;
  private final RealRedis primary;
  private final RealRedis replica;
  private final List<RealRedis> sentinels = new ArrayList<>();

  /**
   * Begins; all know of each other when this returns.
   *
   * @param directory for files, empty
   * @param count of Sentinels, most of which decide
   */
  public SentinelRing(Path directory, int count) {
    this.directory = directory;
    primary = RealRedis.start("--repl-diskless-sync-delay", "0");
    replica = RealRedis.start("--replicaof", "127.0.0.1", "" + primary.port());
    awaitReplica(primary, replica);
    for (int i = 0; i < count; i++) {
      sentinels.add(startSentinel(i, count / 2 + 1));
    }
    for (RealRedis sentinel : sentinels) {
      Await.until(
          () -> "a Sentinel knows all: " + fields(sentinel),
          () ->
              ("" + (count - 1)).equals(fields(sentinel).get("num-other-sentinels"))
                  && "1".equals(fields(sentinel).get("num-slaves")));
    }
  }

  private RealRedis startSentinel(int index, int quorum) {
    try {
      return RealRedis.startSentinel(
          Files.createDirectory(directory.resolve("sentinel" + index)),
          "sentinel monitor " + MASTER + " 127.0.0.1 " + primary.port() + " " + quorum,
          "sentinel down-after-milliseconds " + MASTER + " 1000",
          "sentinel failover-timeout " + MASTER + " 4000");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns when one server copies the other. */
  public static void awaitReplica(RealRedis primary, RealRedis replica) {
    awaitReplica(replica, primary.port());
  }

  /** The same of a primary at a port. */
  static void awaitReplica(RealRedis replica, int port) {
    try (RawClient client = replica.connect()) {
      Await.until(
          () -> replica.address() + " follows port " + port,
          () -> {
            String said = (String) client.send("INFO", "replication");
            return said != null
                && said.contains("master_link_status:up")
                && said.contains("master_port:" + port);
          });
    }
  }

  /** What a Sentinel says of the master. */
  private static Map<String, String> fields(RealRedis sentinel) {
    try (RawClient client = sentinel.connect()) {
      List<?> pairs =
          client.send("SENTINEL", "MASTER", MASTER) instanceof List<?> said ? said : List.of();
      return IntStream.range(0, pairs.size() / 2)
          .boxed()
          .collect(Collectors.toMap(i -> "" + pairs.get(2 * i), i -> "" + pairs.get(2 * i + 1)));
    }
  }

  /** The server that is primary at first. */
  public RealRedis primary() {
    return primary;
  }

  /** Its replica at first. */
  public RealRedis replica() {
    return replica;
  }

  /** All Sentinels. */
  public List<RealRedis> sentinels() {
    return sentinels;
  }

  /** Their addresses. */
  public List<String> addresses() {
    return sentinels.stream().map(RealRedis::address).toList();
  }

  /** Has the first Sentinel begin a failover. */
  public void failOver() {
    failOver(sentinels.get(0));
  }

  /** Has a Sentinel begin one, as soon as it finds the replica good enough. */
  public void failOver(RealRedis sentinel) {
    try (RawClient client = sentinel.connect()) {
      Await.until(
          "a Sentinel begins a failover",
          () -> "OK".equals(client.send("SENTINEL", "FAILOVER", MASTER)));
    }
  }

  @Override
  public void close() {
    sentinels.forEach(RealRedis::close);
    replica.close();
    primary.close();
  }
}
