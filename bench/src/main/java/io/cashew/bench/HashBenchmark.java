package io.cashew.bench;

import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the hash of a key costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HashBenchmark {
  private static final int KEYS = 1024;

  /** As a configuration spells it. */
  @SuppressWarnings("NullAway.Init") // JMH sets it.
  @Param({
    "one_at_a_time",
    "md5",
    "crc16",
    "crc32",
    "crc32a",
    "fnv1_64",
    "fnv1a_64",
    "fnv1_32",
    "fnv1a_32",
    "hsieh",
    "murmur",
    "jenkins"
  })
  public String function;

  /** Bytes of a key. */
  @Param({"8", "16", "64", "1024"})
  public int length;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private HashFunction hash;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private byte[] keys;

  private int next;

  /** Makes the keys. */
  @Setup
  public void setUp() {
    hash = HashFunctions.byName(function);
    keys = new byte[KEYS + length];
    new Random(1).nextBytes(keys);
  }

  /** Another key each time, so that nothing is known of it beforehand. */
  @Benchmark
  public int hash() {
    next = (next + 1) % KEYS;
    return hash.hash(keys, next, length);
  }

  /** The same for a ring of 64 bits; of a function that has only 32, those. */
  @Benchmark
  public long hash64() {
    next = (next + 1) % KEYS;
    return hash.hash64(keys, next, length);
  }
}
