package io.cashew.proxy.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real primary and two real replicas of it, the second of which is linked to it by a {@link
 * FaultyLink}. The key {@link #WHO} is another one on each of them, so that it tells who answers.
 */
public final class ReplicatedServers implements AutoCloseable {
  /** A key whose value is {@code primary}, {@code first} or {@code second}. */
  public static final String WHO = "who";

  private final RealRedis primary = RealRedis.start("--repl-diskless-sync-delay", "0");
  private final FaultyLink link = FaultyLink.to(primary.port());
  private final RealRedis first = replicaAt(primary.port());
  private final RealRedis second = replicaAt(link.port());

  /** Both replicas have what the primary has. */
  public ReplicatedServers() {
    for (RealRedis replica : List.of(first, second)) {
      Await.until(
          "a replica follows",
          () -> ("" + say(replica, "INFO", "replication")).contains("master_link_status:up"));
    }
    say(primary, "SET", WHO, "primary"); // each replica gets it once
    for (RealRedis replica : List.of(first, second)) {
      Await.until(
          "a replica has what the primary has", () -> "primary".equals(say(replica, "GET", WHO)));
    }
    tellThemApart();
  }

  private static RealRedis replicaAt(int port) {
    return RealRedis.start(
        "--replicaof", "127.0.0.1", "" + port, "--replica-read-only", "no", "--repl-timeout", "60");
  }

  private static @Nullable Object say(RealRedis to, String... words) {
    try (RawClient client = to.connect()) {
      return client.send(words);
    }
  }

  /** After a replica has got all data anew. */
  public void tellThemApart() {
    say(first, "SET", WHO, "first");
    say(second, "SET", WHO, "second");
  }

  /** Takes the writes. */
  public RealRedis primary() {
    return primary;
  }

  /** A replica. */
  public RealRedis first() {
    return first;
  }

  /** Another one. */
  public RealRedis second() {
    return second;
  }

  /** Between the primary and the second replica. */
  public FaultyLink link() {
    return link;
  }

  /** The ports of all, replicas first. */
  public int[] ports() {
    return new int[] {second.port(), first.port(), primary.port()};
  }

  @Override
  public void close() {
    for (AutoCloseable each : new ArrayList<AutoCloseable>(List.of(second, first, link, primary))) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
