package io.cashew.proxy;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.cashew.proxy.testing.Knots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may import whom: the table of docs/architecture.md, no cycles, and no large knots. */
final class ArchitectureTest {
  private static final String ROOT = "io.cashew.proxy";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /** A package and those of the project that it may import; "hashing" is the other module. */
  private record Row(String name, List<String> mayImport) {}

  private static Row row(String name, String... mayImport) {
    return new Row(name, List.of(mayImport));
  }

  /** What the packages of the client's side may import besides each other. */
  private static final String[] BELOW_CLIENT = {
    "acl",
    "cache",
    "cache.rule",
    "cache.limit",
    "cache.expiry",
    "cache.redelete",
    "insight",
    "tracing",
    "route.computed",
    "route.gather",
    "route",
    "topology",
    "backend",
    "loop",
    "command",
    "resp",
    "memcached",
    "metrics"
  };

  private static String[] with(String[] names, String... more) {
    return Stream.concat(Stream.of(names), Stream.of(more)).toArray(String[]::new);
  }

  private static final List<Row> TABLE =
      List.of(
          row("loop"),
          row("resp"),
          row("memcached", "resp"),
          row("command", "resp"),
          row("acl", "command", "resp"),
          row("cache.rule", "command"),
          row("cache.limit", "cache.rule"),
          row("cache.expiry", "command", "resp"),
          row("cache.redelete", "metrics"),
          row("asking", "loop", "resp"),
          row("metrics", "resp", "event"),
          row("tracing", "metrics"),
          row("insight", "tracing"),
          row("event"),
          row("topology", "hashing", "resp", "event"),
          row("backend", "loop", "command", "resp", "memcached", "metrics"),
          row("route", "topology", "backend", "loop", "command", "resp", "memcached", "metrics"),
          row(
              "route.gather",
              "route",
              "topology",
              "backend",
              "loop",
              "command",
              "resp",
              "memcached",
              "metrics"),
          row("route.computed", "route.gather", "command", "resp"),
          row(
              "cache",
              "cache.rule",
              "hashing",
              "route",
              "topology",
              "backend",
              "loop",
              "command",
              "resp",
              "memcached",
              "metrics"),
          row("client", BELOW_CLIENT),
          row("client.reply", with(BELOW_CLIENT, "client")),
          row("client.answer", with(BELOW_CLIENT, "client")),
          row("client.pubsub", with(BELOW_CLIENT, "client")),
          row("client.tracking", with(BELOW_CLIENT, "client")),
          row("client.blocking", with(BELOW_CLIENT, "client")),
          row("client.transaction", with(BELOW_CLIENT, "client", "client.answer")),
          row(
              "client.connection",
              with(
                  BELOW_CLIENT,
                  "client",
                  "client.reply",
                  "client.answer",
                  "client.pubsub",
                  "client.blocking",
                  "client.transaction")),
          row(
              "client.pool",
              with(
                  BELOW_CLIENT,
                  "client",
                  "client.reply",
                  "client.answer",
                  "client.pubsub",
                  "client.tracking",
                  "client.blocking",
                  "client.connection")),
          row("config", "hashing", "acl", "command", "cache.rule", "event"),
          row(
              "control",
              with(
                  BELOW_CLIENT,
                  "hashing",
                  "config",
                  "client",
                  "client.pubsub",
                  "client.pool",
                  "asking",
                  "event")),
          row("admin", "metrics", "insight", "control", "cache", "cache.rule", "command", "event"),
          row("process", "admin", "config", "control", "loop", "metrics", "event"),
          row(
              "cli",
              "process",
              "admin",
              "config",
              "control",
              "insight",
              "acl",
              "cache.rule",
              "command",
              "topology",
              "resp",
              "hashing"));

  @TestFactory
  Stream<DynamicTest> eachPackageImportsOnlyWhatItsRowSays() {
    return TABLE.stream()
        .map(row -> DynamicTest.dynamicTest(row.name(), () -> importsOnlyWhatItMay(row)));
  }

  private static void importsOnlyWhatItMay(Row row) {
    List<String> forbidden = new ArrayList<>();
    forbidden.add(ROOT);
    for (Row other : TABLE) {
      if (!other.equals(row) && !row.mayImport().contains(other.name())) {
        forbidden.add(ROOT + "." + other.name());
      }
    }
    if (!row.mayImport().contains("hashing")) {
      forbidden.add("io.cashew.hashing..");
    }
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage(ROOT + "." + row.name())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden.toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void eachPackageHasARow() {
    Set<String> rows = new TreeSet<>(Set.of(ROOT));
    TABLE.forEach(row -> rows.add(ROOT + "." + row.name()));
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(each -> packages.add(each.getPackageName()));
    assertEquals(rows, packages);
  }

  @Test
  void noPackagesImportEachOther() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /**
   * Classes that need each other are read, and changed, together: five are enough. The packages
   * that are left out have larger knots.
   */
  @TestFactory
  Stream<DynamicTest> noKnotOfClassesIsLarge() {
    return TABLE.stream()
        .map(Row::name)
        .filter(name -> !Set.of("command", "config").contains(name))
        .map(name -> DynamicTest.dynamicTest(name, () -> hasNoLargeKnot(name)));
  }

  private static void hasNoLargeKnot(String name) {
    Map<String, Set<String>> edges = new TreeMap<>();
    for (JavaClass each : CLASSES) {
      if (each.getPackageName().equals(ROOT + "." + name)) {
        for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
          String target = outermost(dependency.getTargetClass().getBaseComponentType());
          edges.computeIfAbsent(outermost(each), from -> new TreeSet<>()).add(target);
        }
      }
    }
    edges.forEach((from, to) -> to.remove(from));
    for (Set<String> knot : Knots.of(edges)) {
      assertTrue(knot.size() <= 5, knot.toString());
    }
  }

  private static String outermost(JavaClass of) {
    String name = of.getName();
    int inner = name.indexOf('$');
    return inner < 0 ? name : name.substring(0, inner);
  }

  @Test
  void framingKnowsNoSockets() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".resp..", ROOT + ".command..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty.channel..", "io.netty.bootstrap..")
        .check(CLASSES);
  }
}
