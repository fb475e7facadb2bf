package io.cashew.hashing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NothingIsAllocatedTest {
  private static final int ROUNDS = 10_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Stream<Arguments> hashesAndDistributions() {
    return HashFunctions.names().stream()
        .flatMap(hash -> Distributions.names().stream().map(name -> Arguments.of(hash, name)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("hashesAndDistributions")
  void findingTheNodeOfAKeyAllocatesNothing(String hash, String distributionName) {
    List<Member> members =
        IntStream.range(0, 5).mapToObj(i -> new Member(i, "node" + i, 1, List.of())).toList();
    Distribution distribution =
        Distributions.byName(distributionName).create(members, DistributionOptions.DEFAULT);
    KeyMapper mapper =
        new KeyMapper(
            HashFunctions.byName(hash),
            Optional.of(HashTag.of("{}")),
            distribution,
            members.size());
    byte[] bytes = new byte[200];
    bytes[3] = '{';
    bytes[190] = '}';

    // The first calls load classes and create this thread's source of random numbers.
    askForEveryLength(mapper, bytes, 1);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    int sum = askForEveryLength(mapper, bytes, ROUNDS / bytes.length);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    // Even one object of 16 bytes a call would be 160,000.
    assertTrue(allocated < ROUNDS, () -> allocated + " bytes; sum of nodes " + sum);
  }

  private static int askForEveryLength(KeyMapper mapper, byte[] bytes, int rounds) {
    int sum = 0;
    for (int round = 0; round < rounds; round++) {
      for (int length = 0; length < bytes.length; length++) {
        sum += mapper.nodeFor(bytes, round % 3, length - Math.min(length, 2));
      }
    }
    return sum;
  }
}
