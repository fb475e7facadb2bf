package io.cashew.proxy.control;

import io.cashew.proxy.client.ProxyFacts;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What clients may learn; counts are read from the workers' recorders as a scrape reads them. */
record Facts(
    String version,
    String transport,
    long startNanos,
    List<Pool> pools,
    LongSupplier memory,
    long memoryLimitBytes)
    implements ProxyFacts {

  @Override
  public long memoryBytes() {
    return memory.getAsLong();
  }

  @Override
  public long uptimeSeconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
  }

  @Override
  public int port(String pool) {
    for (Pool candidate : pools) {
      if (candidate.settings().name().equals(pool)
          && candidate.address() instanceof InetSocketAddress inet) {
        return inet.getPort();
      }
    }
    return 0;
  }

  @Override
  public long clients() {
    return pools.stream().mapToLong(Pool::clients).sum();
  }

  @Override
  public long clientsAccepted() {
    return pools.stream()
        .flatMap(pool -> pool.parts().stream())
        .mapToLong(part -> part.recorder().clientsAccepted)
        .sum();
  }

  @Override
  public long requests() {
    return pools.stream()
        .flatMap(pool -> pool.parts().stream())
        .mapToLong(part -> part.recorder().requests)
        .sum();
  }
}
