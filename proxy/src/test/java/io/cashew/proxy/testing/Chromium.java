package io.cashew.proxy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A browser without a window, driven over its DevTools protocol. */
public final class Chromium implements AutoCloseable {
  private static final String READY = "DevTools listening on ";

  private final Process process;
  private final Path profile;
  private final String address;
  private final HttpClient http = HttpClient.newHttpClient();

  private Chromium(Process process, Path profile, String address) {
    this.process = process;
    this.profile = profile;
    this.address = address;
  }

  /** The one that is installed; without it the test that asks ends as skipped. */
  public static Chromium startOrSkip() throws IOException {
    InstalledTool tool = InstalledTool.orSkip("chromium", "chromium");
    Path profile = Files.createTempDirectory("chromium");
    Process process =
        tool.start(
            "--headless=new",
            // Its own sandbox needs what root and most containers have not; it shows our pages
            // only.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank");
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    BufferedReader lines = process.inputReader(UTF_8);
    StringBuilder log = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      log.append(line).append('\n');
      if (line.startsWith(READY)) {
        Thread drain = new Thread(() -> lines.lines().forEach(said -> {}), "chromium log");
        drain.setDaemon(true);
        drain.setUncaughtExceptionHandler((thread, endedWhileItSpoke) -> {});
        drain.start();
        URI devTools = URI.create(line.substring(READY.length()));
        return new Chromium(process, profile, "http://127.0.0.1:" + devTools.getPort());
      }
    }
    throw new IOException("chromium ended: " + log);
  }

  /** A new tab, whose size is that of a window of so many pixels. */
  public BrowserPage open(int width, int height) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + "/json/new?about:blank"))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    String target = Await.result(http.sendAsync(request, BodyHandlers.ofString())).body();
    ConfigParseOptions json = ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON);
    URI socket =
        URI.create(ConfigFactory.parseString(target, json).getString("webSocketDebuggerUrl"));
    return BrowserPage.attach(http, socket, width, height);
  }

  /** Ends it and all its processes, and removes its profile. */
  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    // What it would write on its way out goes with its profile.
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
