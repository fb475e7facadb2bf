package io.cashew.proxy.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RealRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each script gets the same bytes from a server and from the proxy: in front of one node and of
 * three (the keys of a script share a hash tag), in RESP2 and RESP3, step by step and as one
 * pipeline. The servers are the one that the embedded-redis artifact ships (6.2) and, where it is
 * installed, one of 7.0.
 */
@ExtendWith(LeakCheck.class)
final class ConformanceTest {
  private static final List<Servers> VERSIONS = new ArrayList<>();

  /** The same servers three times: by themselves, behind a proxy, and three behind a proxy. */
  private record Servers(Stage direct, Stage one, Stage three, int version, Set<String> commands) {
    static Servers start(Supplier<Optional<RealRedis>> server) {
      Stage direct = Stage.direct(server);
      return new Servers(
          direct,
          Stage.proxied(server, 1),
          Stage.proxied(server, 3),
          direct.version(),
          direct.commands());
    }

    void close() {
      direct.close();
      one.close();
      three.close();
    }

    /** Whether these servers can play it: its version, and its command where that matters. */
    boolean play(Script script, Step step) {
      return step.since() <= version
          && (!step.isRequest()
              || step.arguments().isEmpty()
              || Scripts.UNKNOWN_TO_NODES.contains(script.name())
              || knows(step.arguments()));
    }

    private boolean knows(List<String> request) {
      String name = request.get(0).toLowerCase(Locale.ROOT);
      return commands.contains(name) || Scripts.KNOWN_TO_NOBODY.contains(name);
    }
  }

  @BeforeAll
  static void start() {
    VERSIONS.add(Servers.start(() -> Optional.of(RealRedis.start())));
    Optional<RealRedis> installed = RealRedis.startInstalled();
    installed.ifPresent(
        redis -> {
          redis.close();
          VERSIONS.add(Servers.start(RealRedis::startInstalled));
        });
    VERSIONS.removeIf(
        servers -> {
          boolean other = servers.version != 62 && servers.version != 70;
          if (other) {
            servers.close();
          }
          return other;
        });
  }

  @AfterAll
  static void stop() {
    VERSIONS.forEach(Servers::close);
  }

  @TestFactory
  Stream<DynamicNode> everyReplyIsTheServersOwn() {
    return Scripts.all()
        .map(
            name -> {
              Script script = Script.load(name);
              return DynamicContainer.dynamicContainer(
                  name,
                  VERSIONS.stream()
                      .flatMap(
                          servers ->
                              Stream.of(false, true)
                                  .map(
                                      resp3 ->
                                          DynamicTest.dynamicTest(
                                              servers.version + (resp3 ? " RESP3" : " RESP2"),
                                              () -> compare(script, servers, resp3)))));
            });
  }

  private static void compare(Script script, Servers servers, boolean resp3) {
    List<Step> steps = script.steps().stream().filter(step -> servers.play(script, step)).toList();
    Map<Step, String> expected = Player.play(steps, servers.direct, resp3);
    List<String> differences = new ArrayList<>();
    expected.forEach(
        (step, reply) -> {
          if (reply.startsWith("no reply")) {
            differences.add(step.place() + ": the server itself gives " + reply);
          }
        });
    differences("1 node", expected, Player.play(steps, servers.one, resp3), differences);
    differences("3 nodes", expected, Player.play(steps, servers.three, resp3), differences);
    assertEquals(List.of(), differences, () -> "\n" + String.join("\n", differences) + "\n");
  }

  @TestFactory
  Stream<DynamicNode> oneLongPipelineGetsTheSameReplies() {
    return Stream.concat(Scripts.pipelined().map(Script::load), GeneratedScripts.all())
        .flatMap(
            script ->
                VERSIONS.stream()
                    .map(
                        servers ->
                            DynamicTest.dynamicTest(
                                script.name() + " " + servers.version,
                                () -> comparePipelines(script, servers))));
  }

  private static void comparePipelines(Script script, Servers servers) {
    List<Step> steps =
        script.steps().stream()
            .filter(step -> step.action() == Step.Action.CALL)
            .filter(step -> step.arguments().stream().noneMatch(word -> word.matches("@[A-Z]")))
            .filter(step -> servers.play(script, step))
            .toList();
    Map<Step, String> expected = Player.playAtOnce(steps, servers.direct, true);
    List<String> differences = new ArrayList<>();
    differences("1 node", expected, Player.playAtOnce(steps, servers.one, true), differences);
    differences("3 nodes", expected, Player.playAtOnce(steps, servers.three, true), differences);
    assertEquals(List.of(), differences, () -> "\n" + String.join("\n", differences) + "\n");
  }

  private static void differences(
      String where, Map<Step, String> expected, Map<Step, String> actual, List<String> to) {
    expected.forEach(
        (step, reply) -> {
          String other = actual.getOrDefault(step, "nothing");
          if (!other.equals(reply)) {
            to.add(
                "%s, %s: %s%n  server %s%n  proxy  %s"
                    .formatted(step.place(), where, step.text(), shown(reply), shown(other)));
          }
        });
  }

  private static String shown(String bytes) {
    String shown = bytes.replace("\r", "\\r").replace("\n", "\\n");
    return shown.length() < 600 ? shown : shown.substring(0, 600) + "…";
  }

  @TestFactory
  Stream<DynamicNode> scriptsHaveMoreThanAThousandRequests() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "count",
            () -> {
              long requests =
                  Scripts.all()
                      .map(Script::load)
                      .flatMap(script -> script.steps().stream())
                      .filter(Step::isRequest)
                      .count();
              assertTrue(requests > 1000, () -> requests + " requests");
            }));
  }
}
