package io.cashew.proxy.loop;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.Map;

/**
 * Where the buffers of all workers come from: Netty's pool, with other settings than Netty's. It
 * reads them when its class is loaded, from properties; those that the JVM was started with hold.
 *
 * <p>Buffers of up to 256 KB, in which a large request gathers, are used again: a pool that gives
 * each one back to the system had it zeroed 4 MB at a time. What is not used for half a second is
 * given back.
 */
public final class WorkerBuffers {
  static final Map<String, String> PROPERTIES =
      Map.of(
          "io.netty.allocator.maxCachedBufferCapacity", "262144",
          "io.netty.allocator.cacheTrimIntervalMillis", "250");

  private WorkerBuffers() {}

  /** The pool; nothing of the program uses the class of the pool before. */
  public static PooledByteBufAllocator allocator() {
    PROPERTIES.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    return PooledByteBufAllocator.DEFAULT;
  }
}
