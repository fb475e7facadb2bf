package io.cashew.proxy.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.Exposition;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.PrimaryState;
import io.cashew.proxy.testing.Await;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Metrics are compressed for who asks for it, and then small enough with 500 nodes. */
final class GzipTest {
  private static final int NODES = 500;
  private static final int LIMIT_BYTES = 300 * 1024;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gzip                         | true
          'deflate, gzip;q=0.5'        | true
          GZIP                         | true
          x-gzip                       | true
          *                            | true
          'gzip;q=0, *'                | false
          gzip; q=0.000                | false
          identity                     | false
          br                           | false
          ''                           | false
          *;q=0                        | false
          """)
  void itIsAskedForByTheHeader(String header, boolean asked) {
    assertEquals(asked, Gzip.isAsked(header));
  }

  @Test
  void whoAsksGetsTheSameCompressedAndOthersGetItPlain() throws Exception {
    try (MetricsRegistry metrics = new MetricsRegistry(new Build("1", "17", "nio"));
        AdminServer admin =
            AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                AdminRoutes.standard(metrics, ready()),
                AdminGuard.open())) {
      HttpResponse<byte[]> plain = get(admin.port(), "identity");
      assertTrue(plain.headers().firstValue("content-encoding").isEmpty());
      assertTrue(text(plain.body()).contains("cashew_build_info"));
      assertEquals("accept, accept-encoding", plain.headers().firstValue("vary").orElseThrow());
      HttpResponse<byte[]> packed = get(admin.port(), "gzip");
      assertEquals("gzip", packed.headers().firstValue("content-encoding").orElseThrow());
      assertEquals(
          plain.headers().firstValue("content-type"), packed.headers().firstValue("content-type"));
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
        assertTrue(text(in.readAllBytes()).contains("cashew_build_info"));
      }
      assertTrue(packed.body().length < plain.body().length / 3);
    }
  }

  /** Two workers, each of whose numbers and latencies differ, of nodes with names of their own. */
  @Test
  void fiveHundredNodesFitIntoThreeHundredKilobytes() {
    Random random = new Random(1);
    try (MetricsRegistry metrics = new MetricsRegistry(new Build("1", "17", "nio"))) {
      for (int worker = 0; worker < 2; worker++) {
        metrics.addPool("sessions", worker, new PoolRecorder());
      }
      for (int node = 0; node < NODES; node++) {
        String name = "cache-" + node + ".eu-central-1.example.com";
        metrics.addNodeState("sessions", name, new NodeState());
        metrics.addPrimary("sessions", name, new PrimaryState());
        for (int worker = 0; worker < 2; worker++) {
          metrics.addNode("sessions", name, worker, busy(random));
        }
      }
      byte[] scrape = metrics.scrape(Exposition.TEXT).getBytes(StandardCharsets.UTF_8);
      int packed = Gzip.compressed(scrape).length;
      System.out.println(
          NODES
              + " nodes: "
              + scrape.length
              + " bytes, compressed "
              + packed
              + ", "
              + cpu(metrics));
      assertTrue(packed <= LIMIT_BYTES, packed + " bytes");
    }
  }

  /** What a scrape takes of a processor: told, not asserted. */
  private static String cpu(MetricsRegistry metrics) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = 0;
    for (int i = 0; i < 15; i++) {
      if (i == 10) {
        before = threads.getCurrentThreadCpuTime();
      }
      Gzip.compressed(metrics.scrape(Exposition.TEXT).getBytes(StandardCharsets.UTF_8));
    }
    return (threads.getCurrentThreadCpuTime() - before) / 5 / 1_000_000 + " ms of a processor";
  }

  private static NodeRecorder busy(Random random) {
    NodeRecorder recorder = new NodeRecorder();
    recorder.requests = random.nextLong(1_000_000_000L);
    recorder.replies = recorder.requests;
    recorder.requestBytes = random.nextLong(1_000_000_000_000L);
    recorder.replyBytes = random.nextLong(1_000_000_000_000L);
    recorder.connections = 1;
    recorder.connects = 1L + random.nextInt(9);
    for (int i = 0; i < 1000; i++) {
      recorder.latency.record((long) (50_000 * Math.exp(random.nextGaussian() * 1.5)));
    }
    return recorder;
  }

  private static Readiness ready() {
    return new Readiness() {
      @Override
      public boolean ready() {
        return true;
      }

      @Override
      public String reason() {
        return "ready";
      }
    };
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static HttpResponse<byte[]> get(int port, String encoding) throws Exception {
    return Await.result(
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .header("Accept-Encoding", encoding)
                    .build(),
                BodyHandlers.ofByteArray()));
  }
}
