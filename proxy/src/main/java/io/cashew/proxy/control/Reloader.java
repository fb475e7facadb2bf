package io.cashew.proxy.control;

import io.cashew.proxy.config.ConfigDigest;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.HoconWriter;
import io.cashew.proxy.config.LoadedConfig;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.ReloadResult.Outcome;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.metrics.ConfigState;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes changes of the configuration file over: when it changes, and when somebody asks. Has a
 * thread of its own, {@code reload}, on which everything happens, one attempt after another: a file
 * is read, names are looked up, and clients drain there, while the control thread goes on watching
 * nodes. A file that is wrong, or cannot be taken over, changes nothing.
 */
public final class Reloader implements Reloads, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

  /** A file that has changed is read when it looks the same twice: not while it is written. */
  private static final long LOOK_MILLIS = 500;

  private static final int SHORT_DIGEST = 12;

  private static final long STOP_SECONDS = 2;

  private static final String BY_START = "start";
  private static final String BY_FILE = "change of the file";

  private final Proxy proxy;
  private final @Nullable Path file;
  private final Consumer<Settings> installed;
  private final MetricsRegistry metrics;
  private final ConfigState state = new ConfigState(Instant.now().getEpochSecond());
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("reload", true));
  private final CompletableFuture<ConfigStatus> first = new CompletableFuture<>();
  private volatile @Nullable ConfigStatus status;

  // Of the thread alone.
  private List<Path> files;
  private @Nullable FileStamps seen;
  private @Nullable FileStamps changed;

  /**
   * Watches the file from now on.
   *
   * @param proxy runs what was read from the file
   * @param file null: there is none, and nothing is ever taken over
   * @param metrics where it is published what became of attempts
   * @param installed hears, on the thread, what is in force from then on
   */
  public Reloader(
      Proxy proxy, @Nullable Path file, MetricsRegistry metrics, Consumer<Settings> installed) {
    this.proxy = proxy;
    this.file = file;
    this.metrics = metrics;
    this.installed = installed;
    files = file == null ? List.of() : List.of(file);
    metrics.addConfig(state);
    thread.execute(this::begin);
    if (file != null) {
      // The first look reads the file again: it may have changed since it was read for the start.
      thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void begin() {
    Settings running = proxy.settings();
    String digest = ConfigDigest.of(running);
    LOG.info("the configuration that runs has the digest {}", digest);
    publish(running, digest, Optional.of(digest), BY_START, Optional.empty(), List.of(), List.of());
  }

  @Override
  public ConfigStatus status() {
    ConfigStatus now = status;
    return now == null ? first.join() : now;
  }

  @Override
  public CompletionStage<ReloadResult> reload(String trigger) {
    CompletableFuture<ReloadResult> done = new CompletableFuture<>();
    try {
      thread.execute(() -> attempt(trigger, done));
    } catch (RejectedExecutionException e) {
      done.complete(new ReloadResult(Outcome.REFUSED, "the proxy is stopping"));
    }
    return done;
  }

  // ---------------------------------------------------------------- the thread

  /** Whatever becomes of it, whoever has asked hears of it. */
  private void attempt(String trigger, CompletableFuture<ReloadResult> done) {
    try {
      done.complete(attempt(trigger));
    } catch (RuntimeException | Error e) {
      LOG.error("the configuration cannot be taken over", e);
      done.completeExceptionally(e);
    }
  }

  private void look() {
    try {
      FileStamps now = FileStamps.of(files);
      if (now.equals(seen)) {
        changed = null;
      } else if (seen != null && !now.equals(changed)) {
        changed = now;
      } else if (proxy.settings().watchFile()) {
        attempt(BY_FILE);
      } else {
        compare(now);
      }
    } catch (RuntimeException | Error e) { // a look that throws would be the last
      LOG.error("the configuration file cannot be watched", e);
    }
  }

  /** The file has changed and is not to be taken over: only that is said. */
  private void compare(FileStamps now) {
    seen = now;
    changed = null;
    Optional<String> digest = Optional.empty();
    try {
      digest = Optional.of(ConfigDigest.of(ConfigFile.load(files.get(0)).settings()));
    } catch (ConfigException wrong) {
      LOG.warn(
          Events.RELOAD_REFUSED,
          "the configuration file has changed and is wrong: {}",
          wrong.getMessage());
    }
    ConfigStatus before = status();
    publish(
        proxy.settings(),
        before.digest(),
        digest,
        before.trigger(),
        before.error(),
        before.problems(),
        before.needRestart());
  }

  private ReloadResult attempt(String trigger) {
    if (file == null) {
      return new ReloadResult(Outcome.REFUSED, "the proxy was started without a file");
    }
    FileStamps stamps = FileStamps.of(files); // before reading: what changes then is seen next
    changed = null;
    LoadedConfig read;
    try {
      read = ConfigFile.load(file);
    } catch (ConfigException wrong) {
      seen = stamps;
      return failed(
          Outcome.INVALID, trigger, Optional.empty(), wrong.getMessage(), problemsOf(wrong));
    }
    seen = files.equals(read.files()) ? stamps : null;
    files = read.files();
    if (trigger.equals(BY_FILE) && isWhatRuns(read.settings())) { // it was only touched
      proxy.lookUpNames();
      return new ReloadResult(Outcome.DONE, "nothing to change");
    }
    return takeOver(read.settings(), trigger);
  }

  /** Whether nothing has to be done, nor to be said that was not said of the file before. */
  private boolean isWhatRuns(Settings wanted) {
    ConfigStatus now = status();
    return now.error().isEmpty() && !now.lags() && wanted.equals(proxy.settings());
  }

  private static List<ConfigStatus.Problem> problemsOf(ConfigException wrong) {
    return wrong.problems().stream()
        .map(each -> new ConfigStatus.Problem(each.file(), each.line(), each.key(), each.text()))
        .toList();
  }

  private ReloadResult takeOver(Settings wanted, String trigger) {
    String wantedDigest = ConfigDigest.of(wanted);
    Optional<String> fileDigest = Optional.of(wantedDigest);
    ReloadPlan plan;
    try {
      plan = proxy.reload(wanted);
    } catch (IOException refused) {
      return failed(
          Outcome.REFUSED, trigger, fileDigest, String.valueOf(refused.getMessage()), List.of());
    } catch (RuntimeException defect) {
      LOG.error("the configuration cannot be taken over", defect);
      return failed(Outcome.REFUSED, trigger, fileDigest, "internal error: " + defect, List.of());
    }
    Settings running = proxy.settings();
    installed.accept(running);
    String digest = running.equals(wanted) ? wantedDigest : ConfigDigest.of(running);
    state.succeeded(Instant.now().getEpochSecond());
    boolean same = plan.lines().isEmpty() || plan.lines().equals(plan.needRestart());
    boolean silent = same && trigger.equals(BY_FILE);
    String head =
        same
            ? "nothing to change: " + files.get(0) + " is what runs, digest " + digest
            : files.get(0) + " is in force (" + trigger + "), digest " + digest;
    if (silent) {
      LOG.debug(head);
    } else {
      LOG.info(Events.RELOADED, head);
      plan.lines().forEach(line -> LOG.info("  {}", line));
    }
    plan.needRestart().forEach(line -> LOG.warn("not in force before a restart: {}", line));
    publish(running, digest, fileDigest, trigger, Optional.empty(), List.of(), plan.needRestart());
    StringBuilder text = new StringBuilder(head);
    plan.lines().forEach(line -> text.append("\n").append(line));
    return new ReloadResult(Outcome.DONE, text.toString());
  }

  private ReloadResult failed(
      Outcome outcome,
      String trigger,
      Optional<String> fileDigest,
      String error,
      List<ConfigStatus.Problem> problems) {
    state.failed();
    LOG.error(
        Events.RELOAD_REFUSED,
        "{} cannot be taken over ({}), what runs goes on unchanged with digest {}: {}",
        file,
        trigger,
        status().digest().substring(0, SHORT_DIGEST),
        error);
    publish(
        proxy.settings(),
        status().digest(),
        fileDigest,
        trigger,
        Optional.of(error),
        problems,
        status().needRestart());
    return new ReloadResult(outcome, error);
  }

  private void publish(
      Settings running,
      String digest,
      Optional<String> fileDigest,
      String trigger,
      Optional<String> error,
      List<ConfigStatus.Problem> problems,
      List<String> needRestart) {
    boolean lags = !fileDigest.equals(Optional.of(digest));
    Instant now = Instant.now();
    ConfigStatus before = status;
    ConfigStatus next =
        new ConfigStatus(
            Optional.ofNullable(file).map(Path::toString),
            digest,
            fileDigest,
            lags,
            error.isPresent() && before != null ? before.loadedAt() : now,
            now,
            trigger,
            error,
            problems,
            needRestart,
            HoconWriter.writeWithoutSecrets(running));
    metrics.configDigest(digest);
    state.lags(lags);
    status = next;
    first.complete(next);
  }

  /** Takes no more changes over; waits a little for one that is under way. Again is nothing. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a configuration is still being taken over while the proxy stops");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
