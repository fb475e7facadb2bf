package io.cashew.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive and the packages, as somebody who installs them has them. */
final class PackagesIT {
  private static final Path TARGET = Path.of("target");

  private final Path directory;

  PackagesIT(@TempDir Path directory) {
    this.directory = directory;
  }

  /** What a command said, and how it ended. */
  private record Run(int status, String output) {
    static Run of(String... command) throws IOException, InterruptedException {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Run(process.waitFor(), output);
    }

    List<String> lines() {
      return output.lines().toList();
    }
  }

  /** The one file of a kind that the build has made. */
  private static Path built(String glob) throws IOException {
    List<Path> found = new ArrayList<>();
    try (var files = Files.newDirectoryStream(TARGET, glob)) {
      files.forEach(found::add);
    }
    assertEquals(1, found.size(), () -> glob + ": " + found);
    return found.get(0);
  }

  private Path unpacked() throws Exception {
    Path archive = built("cashew-*.tar.xz");
    Run run = Run.of("tar", "xf", "" + archive, "-C", "" + directory, "--strip-components=1");
    assertEquals(0, run.status(), run.output());
    return directory;
  }

  @Test
  void theArchiveRunsWhereItIsUnpacked() throws Exception {
    Path home = unpacked();
    String cashew = home.resolve("bin/cashew").toString();
    Run version = Run.of(cashew, "--version");
    assertEquals(0, version.status(), version.output());
    // Rehearses a start, with a pool, TLS, metrics and the console: no class may be missing.
    Run prepare = Run.of(cashew, "prepare");
    assertEquals(0, prepare.status(), prepare.output());
    Run check = Run.of(cashew, "check", "-c", home.resolve("conf/cashew.conf").toString());
    assertTrue(check.output().contains("is valid"), check.output());
  }

  @Test
  void theArchiveHoldsTheDocumentsAndNoServers() throws Exception {
    Path home = unpacked();
    for (String each :
        List.of(
            "README.md",
            "LICENSE",
            "docs/architecture.md",
            "deploy/systemd/cashew.service",
            "conf/cashew.conf",
            "share/cashew.1")) {
      assertTrue(Files.isRegularFile(home.resolve(each)), each);
    }
    try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
      List<String> names = jars.map(jar -> jar.getFileName().toString()).toList();
      assertFalse(names.stream().anyMatch(name -> name.startsWith("embedded-redis")), "" + names);
      assertFalse(names.stream().anyMatch(name -> name.contains("mqtt")), "" + names);
    }
  }

  @Test
  void theyAreSmall() throws Exception {
    for (String each : List.of("cashew-*.tar.xz", "cashew_*.deb")) {
      assertTrue(Files.size(built(each)) < 15_000_000, each);
    }
  }

  @Test
  void aMissingClassEndsTheProcess() throws Exception {
    Path home = unpacked();
    try (var jars = Files.newDirectoryStream(home.resolve("lib"), "caffeine-*.jar")) {
      for (Path jar : jars) {
        Files.delete(jar);
      }
    }
    Run run = Run.of(home.resolve("bin/cashew").toString(), "prepare");
    assertEquals(1, run.status(), run.output());
    assertTrue(run.output().contains("NoClassDefFoundError"), run.output());
  }

  @Test
  void bothPackagesHaveTheFilesOfASystem() throws Exception {
    assumeTrue(Run.of("sh", "-c", "command -v dpkg-deb").status() == 0, "no dpkg-deb here");
    Run contents = Run.of("dpkg-deb", "--contents", built("cashew_*.deb").toString());
    List<String> files =
        contents.lines().stream()
            .map(line -> line.split("\\s+", 6))
            .map(columns -> columns[0] + " " + columns[5].substring(1))
            .toList();
    for (String each :
        List.of(
            "-rwxr-xr-x /opt/cashew/bin/cashew",
            "-rw-r----- /etc/cashew/cashew.conf",
            "-rw-r--r-- /usr/lib/systemd/system/cashew.service",
            "-rw-r--r-- /usr/lib/systemd/system/cashew@.service",
            "-rw-r--r-- /usr/share/man/man1/cashew.1",
            "-rw-r--r-- /usr/share/bash-completion/completions/cashew")) {
      assertTrue(files.contains(each), each);
    }
    assertTrue(contents.output().contains("/usr/bin/cashew -> /opt/cashew/bin/cashew"));
    byte[] rpm = Files.readAllBytes(built("cashew-*.noarch.rpm"));
    assertTrue(
        Arrays.equals(
            rpm, 0, 4, new byte[] {(byte) 0xed, (byte) 0xab, (byte) 0xee, (byte) 0xdb}, 0, 4));
  }

  @Test
  void theDebianPackageInstallsRunsUpgradesWithoutARefusedConnectionAndGoes() throws Exception {
    assumeTrue(
        Run.of("unshare", "--mount", "sh", "-c", "d=$(mktemp -d) && mount -t tmpfs tmpfs $d")
                .status()
            == 0,
        "installing into a root of its own needs dpkg, and the right to mount");
    assumeTrue(Run.of("sh", "-c", "command -v dpkg setpriv").status() == 0, "no dpkg here");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Run run =
        Run.of(
            "src/test/resources/install-in-root",
            "" + built("cashew_*.deb").toAbsolutePath(),
            "" + port);
    assertEquals(0, run.status(), run.output());
    for (String each :
        List.of(
            "archive of classes: made",
            "served by cashew",
            "configuration: kept",
            "the old one: ended with 0",
            "the new one: ended with 0",
            "program: removed",
            "configuration: left",
            "configuration: removed",
            "user: removed")) {
      assertTrue(run.lines().contains(each), each + " is missing in\n" + run.output());
    }
    assertTrue(
        run.lines().stream().anyMatch(line -> line.matches("refused: 0 of [1-9][0-9]*")),
        run.output());
  }
}
