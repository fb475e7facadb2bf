package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.ThreadStates;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** More clients than the process may have open files: a proxy in a process of its own. */
@EnabledOnOs(OS.LINUX)
final class FileDescriptorLimitTest {
  /** The JVM keeps each jar of the class path open. */
  private static final int JARS =
      System.getProperty("java.class.path").split(File.pathSeparator, -1).length;

  private static final int DESCRIPTORS = 64 + JARS;
  private static final int CLIENTS = 400;
  private static final int LOOKS = 20;

  /** What a client that is told nothing more is read to be. */
  private static boolean isServed(RawClient client) {
    try {
      Object reply = client.send("PING");
      if (reply instanceof ErrorReply error) {
        assertEquals("ERR max number of clients reached", error.text());
        return false;
      }
      assertEquals("PONG", reply);
      return true;
    } catch (UncheckedIOException closed) {
      // Closed before the request, or with the request unread. A time-out would be a client that
      // hangs.
      assertTrue(!(closed.getCause() instanceof java.net.SocketTimeoutException), "refused");
      return false;
    }
  }

  private static Process start(Path file) throws IOException {
    return new ProcessBuilder(
            "sh",
            "-c",
            "ulimit -n " + DESCRIPTORS + " && exec \"$0\" \"$@\"",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.cashew.proxy.Main",
            "serve",
            "-c",
            file.toString())
        .redirectErrorStream(true)
        .start();
  }

  /** Returns when it listens; its log is read all the while, lest it wait for its reader. */
  private static void awaitReady(Process process, int port) {
    Queue<String> log = new ConcurrentLinkedQueue<>();
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    Thread reading = new Thread(() -> lines.lines().forEach(line -> log.add(line)), "its log");
    reading.setDaemon(true);
    reading.start();
    Await.until(
        () -> "the proxy listens; its log: " + log,
        () -> {
          assertTrue(process.isAlive(), () -> "it ended: " + log);
          try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
          } catch (IOException notYet) {
            return false;
          }
        });
  }

  /**
   * Returns whether all threads are asleep each time of several that they are looked at. One that
   * polls without end is found running nearly always, however busy the machine is.
   */
  private static boolean sleeps(Process process) {
    return IntStream.range(0, LOOKS)
        .allMatch(look -> ThreadStates.allAre(process, ThreadStates.ASLEEP));
  }

  @Test
  void excessIsRefusedAndTheOthersAreServed(@TempDir Path directory) throws Exception {
    int port = FreePorts.next();
    List<RawClient> old = new ArrayList<>();
    List<RawClient> more = new ArrayList<>();
    @Nullable Process process = null;
    try (RealRedis node = RealRedis.start();
        RawClient direct = node.connect()) {
      process =
          start(
              Files.writeString(
                  directory.resolve("cashew.conf"),
                  "cashew { workers = 2, admin.listen = off, pools.p { listen = \"127.0.0.1:"
                      + port
                      + "\", nodes = [ \""
                      + node.address()
                      + "\" ] } }"));
      awaitReady(process, port);
      for (int i = 0; i < 10; i++) {
        old.add(new RawClient(port));
        assertEquals("OK", old.get(i).send("SET", "old:" + i, "value"));
      }
      int served = 0;
      for (int i = 0; i < CLIENTS; i++) {
        RawClient client = new RawClient(port);
        more.add(client);
        served += isServed(client) ? 1 : 0;
      }
      assertTrue(served > 0 && served < DESCRIPTORS, served + " of " + CLIENTS + " are served");

      for (int i = 0; i < 10; i++) {
        assertEquals("value", old.get(i).send("GET", "old:" + i));
      }
      direct.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      RawClient first = old.get(0);
      Await.until(
          "connections to the node are open again",
          () -> "value".equals(first.send("GET", "old:0")));

      Process idle = process;
      Await.until("no thread turns in circles over clients it cannot take", () -> sleeps(idle));

      more.forEach(RawClient::close);
      Await.until(
          "new clients are served",
          () -> {
            try (RawClient fresh = new RawClient(port)) {
              return isServed(fresh);
            }
          });
    } finally {
      old.forEach(RawClient::close);
      more.forEach(RawClient::close);
      if (process != null) {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
