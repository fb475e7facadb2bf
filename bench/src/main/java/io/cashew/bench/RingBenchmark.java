package io.cashew.bench;

import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.Member;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** What it costs to find the node of a hash, and to make what it is found in. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RingBenchmark {

  /** As a configuration spells it. */
  @SuppressWarnings("NullAway.Init") // JMH sets it.
  @Param({"ketama", "modula", "slots"})
  public String kind;

  /** How many. */
  @Param({"3", "30", "300"})
  public int nodes;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private List<Member> members;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private Distribution distribution;

  private int hash = 1;

  /** Makes the ring. */
  @Setup
  public void setUp() {
    members =
        IntStream.range(0, nodes)
            .mapToObj(node -> new Member(node, "10.0.0." + node + ":6379", 1, List.of()))
            .toList();
    distribution = make();
  }

  /** The node of a hash; another one each time. */
  @Benchmark
  public int nodeFor() {
    hash = hash * 0x9e3779b1 + 1; // of full period
    return distribution.nodeFor(hash);
  }

  /** What an ejection or a readmission costs the control thread. */
  @Benchmark
  public Distribution make() {
    return Distributions.byName(kind).create(members, DistributionOptions.DEFAULT);
  }
}
