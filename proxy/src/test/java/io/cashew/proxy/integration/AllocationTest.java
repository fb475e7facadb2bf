package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.testing.Allocated;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * In the steady state a request allocates nothing on the heap: counted by the JVM on the workers'
 * threads, whatever the machine is doing meanwhile.
 */
@Timeout(120)
final class AllocationTest {
  private static final int PIPELINE = 16;

  /** A request, the reply to it, and what the worker may allocate for it. */
  enum Exchange {
    GET(request("GET", "key:01"), "$3\r\nxxx\r\n"),
    SET(request("SET", "key:01", "xxx"), "+OK\r\n"),
    GET_OF_NOTHING(request("GET", "nil:01"), "$-1\r\n"),
    GET_AND_SET_OF_SEVERAL_NODES(
        request("GET", "key:00") + request("SET", "key:01", "xxx") + request("GET", "key:03"),
        "$3\r\nxxx\r\n+OK\r\n$3\r\nxxx\r\n"),
    PING(request("PING"), "+PONG\r\n"),
    MGET_OF_TEN(request(keys("MGET")), "*10\r\n" + "$3\r\nxxx\r\n".repeat(10)),
    MSET_OF_TEN(request(keys("MSET", "xxx")), "+OK\r\n");

    private final String request;
    private final String reply;

    Exchange(String request, String reply) {
      this.request = request;
      this.reply = reply;
    }

    private static String request(String... arguments) {
      StringBuilder request = new StringBuilder("*" + arguments.length + "\r\n");
      for (String argument : arguments) {
        request.append('$').append(argument.length()).append("\r\n");
        request.append(argument).append("\r\n");
      }
      return request.toString();
    }

    /** A command, and ten keys with what follows each. */
    private static String[] keys(String command, String... following) {
      List<String> arguments = new ArrayList<>(List.of(command));
      for (int key = 0; key < 10; key++) {
        arguments.add("key:0" + key);
        arguments.addAll(List.of(following));
      }
      return arguments.toArray(String[]::new);
    }
  }

  private static RealRedis one;
  private static RealRedis two;
  private static RealRedis three;
  private static TestProxy proxy;

  @BeforeAll
  static void start() throws IOException {
    one = RealRedis.start();
    two = RealRedis.start();
    three = RealRedis.start();
    // A slow request is written down, and the machine that runs tests is slow at times.
    InsightSettings insight =
        InsightSettings.DEFAULT
            .with(InsightSettings.SLOWER_THAN, InsightSettings.OFF)
            .with(InsightSettings.SLOW_LOG_MAX, 0);
    proxy =
        new TestProxy.Builder()
            .node(one.port())
            .node(two.port())
            .node(three.port())
            .insight(insight)
            .start();
    try (Socket client = connect()) {
      round(client, bytes(Exchange.MSET_OF_TEN.request), new byte[5]);
    }
  }

  @AfterAll
  static void stop() {
    proxy.close();
    one.close();
    two.close();
    three.close();
  }

  @ParameterizedTest
  @EnumSource
  void aRequestAllocatesNothing(Exchange exchange) throws IOException {
    nothingIsAllocated(exchange, 1);
  }

  @ParameterizedTest
  @EnumSource
  void aPipelineAllocatesNothing(Exchange exchange) throws IOException {
    nothingIsAllocated(exchange, PIPELINE);
  }

  private static void nothingIsAllocated(Exchange exchange, int pipeline) throws IOException {
    Allocated.assertNothing(proxy.port(), exchange.request, exchange.reply, pipeline);
  }

  private static Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    client.setTcpNoDelay(true);
    client.setSoTimeout(10_000);
    return client;
  }

  private static void round(Socket client, byte[] requests, byte[] replies) throws IOException {
    client.getOutputStream().write(requests);
    new DataInputStream(client.getInputStream()).readFully(replies);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }
}
