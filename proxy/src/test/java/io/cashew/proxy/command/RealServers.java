package io.cashew.proxy.command;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.util.ArrayList;
import java.util.List;

/**
 * The servers that rows are compared with: the one that the embedded-redis artifact ships (6.2),
 * and, where one is installed, a redis-server 7.0, which publishes more.
 */
final class RealServers implements AutoCloseable {
  private final List<RealRedis> started = new ArrayList<>();
  private final RawClient shipped;
  private final List<RawClient> all = new ArrayList<>();

  RealServers() {
    RealRedis redis = RealRedis.start();
    started.add(redis);
    shipped = redis.connect();
    all.add(shipped);
    RealRedis.startInstalled()
        .ifPresent(
            installed -> {
              started.add(installed);
              RawClient client = installed.connect();
              if (version(client).startsWith("7.0.")) {
                all.add(client);
              } else {
                client.close();
              }
            });
  }

  /** The one that every machine has. */
  RawClient shipped() {
    return shipped;
  }

  /** Redis 7.0, if it is installed. */
  List<RawClient> sevens() {
    return all.subList(1, all.size());
  }

  private static String version(RawClient client) {
    String info = String.valueOf(client.send("INFO", "server"));
    int start = info.indexOf("redis_version:") + "redis_version:".length();
    return info.substring(start, info.indexOf('\r', start));
  }

  @Override
  public void close() {
    all.forEach(RawClient::close);
    started.forEach(RealRedis::close);
  }
}
