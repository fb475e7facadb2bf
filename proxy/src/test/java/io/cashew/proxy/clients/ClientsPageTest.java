package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.abort;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RawClient;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each snippet of {@code docs/clients.md} does what the page says, through the proxy to three nodes
 * (Sidekiq: to one). Those in JavaScript are run by {@code NpmClientsTest}.
 */
final class ClientsPageTest {
  private static Fleet fleet;

  @TempDir Path directory;

  @BeforeAll
  static void start() {
    fleet = new Fleet(3);
  }

  @AfterAll
  static void stop() {
    fleet.close();
  }

  @BeforeEach
  void empty() {
    try (RawClient client = fleet.connect()) {
      client.send("FLUSHALL");
    }
  }

  @Test
  void eachBlockOfCodeIsRunOrSaysThatItIsNot() throws Exception {
    int[] counts = ClientsPage.blocksAndNamed();
    assertEquals(counts[0], counts[1]);
    for (String name : ClientsPage.snippets().keySet()) {
      boolean prints = !List.of("application.properties", "greeter.rb", "tasks.py").contains(name);
      assertEquals(prints, !ClientsPage.prints(name).isEmpty(), name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LettuceExample.java", "JedisExample.java"})
  void programsInJava(String snippet) throws Exception {
    Path program = ClientsPage.write(directory, snippet, fleet.port());
    ClientsPage.assertPrints(snippet, directory, java(program));
  }

  /** What Spring Boot makes of its properties, made here of the same. */
  @Test
  void springBoot() throws Exception {
    Properties properties = new Properties();
    properties.load(new StringReader(ClientsPage.snippets().get("application.properties")));
    assertEquals("127.0.0.1", properties.getProperty("spring.data.redis.host"));
    assertEquals("22121", properties.getProperty("spring.data.redis.port"));
    Path greeting = ClientsPage.write(directory, "Greeting.java", fleet.port());
    String main =
        """
        class Main {
          public static void main(String[] args) {
            var factory =
                new org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory(
                    "127.0.0.1", %d);
            factory.setClientName("%s");
            factory.afterPropertiesSet();
            factory.start();
            Greeting.greet(new org.springframework.data.redis.core.StringRedisTemplate(factory));
            factory.destroy();
          }
        }
        """
            .formatted(fleet.port(), properties.getProperty("spring.data.redis.client-name"));
    // Sources are launched from one file, whose imports come first.
    String text = Files.readString(greeting);
    int first = text.indexOf("class Greeting");
    Path program =
        Files.writeString(
            directory.resolve("Main.java"),
            text.substring(0, first) + main + text.substring(first));
    ClientsPage.assertPrints("Greeting.java", directory, java(program));
  }

  @Test
  void redisPy() throws Exception {
    String python = pythonWith("redis", "python3-redis");
    Path program = ClientsPage.write(directory, "redis_py.py", fleet.port());
    ClientsPage.assertPrints("redis_py.py", directory, List.of(python, program.toString()));
  }

  @Test
  void celery() throws Exception {
    String python = pythonWith("celery, redis", "python3-celery python3-redis");
    ClientsPage.write(directory, "tasks.py", fleet.port());
    ClientsPage.write(directory, "call.py", fleet.port());
    Process worker =
        new ProcessBuilder(python, "-m", "celery", "-A", "tasks", "worker", "--concurrency=1")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("worker.log").toFile())
            .start();
    try {
      ClientsPage.assertPrints("call.py", directory, List.of(python, "call.py"));
    } finally {
      end(worker);
    }
    String log = Files.readString(directory.resolve("worker.log"));
    assertFalse(log.contains("CROSSSLOT") || log.contains("Traceback"), log);
  }

  @Test
  void sidekiq() throws Exception {
    InstalledTool sidekiq = InstalledTool.orSkip("sidekiq", "ruby-sidekiq");
    InstalledTool ruby = InstalledTool.orSkip("ruby", "ruby");
    try (Fleet one = new Fleet(1);
        RawClient client = one.connect()) {
      Path program = ClientsPage.write(directory, "greeter.rb", one.port());
      Path log = directory.resolve("sidekiq.log");
      Process worker = sidekiq.start(log, "-r", program.toString());
      try {
        ruby.run(directory, "-r", program.toString(), "-e", "Greeter.perform_async('Ada')");
        Await.until(
            () -> "a job is done: " + read(log),
            () -> "hello Ada".equals(client.send("LINDEX", "greetings", "0")));
      } finally {
        end(worker);
      }
      assertFalse(read(log).contains("ERR"), read(log));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(Process process) throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  private static List<String> java(Path program) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        absolute(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))),
        program.toString());
  }

  private static String absolute(String classPath) {
    return String.join(
        File.pathSeparator,
        Stream.of(classPath.split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .toList());
  }

  /** A Python that has modules; without one the test is skipped, and says so. */
  private static String pythonWith(String modules, String packages) throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (has(python, modules)) {
        return python;
      }
    }
    String skipped =
        "SKIPPED, because no python3 has " + modules + " (apt-get install " + packages + ")";
    System.out.println(skipped);
    return abort(skipped);
  }

  private static boolean has(String python, String modules) throws InterruptedException {
    try {
      return new ProcessBuilder(python, "-c", "import " + modules).start().waitFor() == 0;
    } catch (IOException notThere) {
      return false;
    }
  }
}
