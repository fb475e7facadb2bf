package io.cashew.proxy.testing;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.control.ConfigStatus;
import io.cashew.proxy.control.NameLookup;
import io.cashew.proxy.control.Operations;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.control.ReloadResult;
import io.cashew.proxy.control.Reloader;
import io.cashew.proxy.control.Sources;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.Exposition;
import io.cashew.proxy.metrics.MetricsRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A proxy in this process that runs a configuration file, which may be changed. */
public final class FileProxy implements AutoCloseable {
  private final Path file;
  private final MetricsRegistry metrics;
  private final Proxy proxy;
  private final Reloader reloader;

  /** Starts with a file as it is. */
  public FileProxy(Path file) {
    this(file, NameLookup.OF_THIS_MACHINE, Sources.CONFIGURED);
  }

  private FileProxy(Path file, NameLookup names, Sources sources) {
    this.file = file;
    Sockets sockets = TestProxy.bestSockets();
    metrics = new MetricsRegistry(new Build("test", "test", sockets.name()));
    try {
      proxy = Proxy.start(ConfigFile.read(file), sockets, metrics, "0.0.0-test", names, sources);
    } catch (IOException | ConfigException e) {
      throw new IllegalStateException(e);
    }
    reloader = new Reloader(proxy, file, metrics, settings -> {});
  }

  /** Writes the file and starts. */
  public static FileProxy start(Path file, String text) {
    write(file, text);
    return new FileProxy(file);
  }

  /** As above, with addresses of names that the test says. */
  public static FileProxy start(Path file, String text, NameLookup names) {
    write(file, text);
    return new FileProxy(file, names, Sources.CONFIGURED);
  }

  /** As above, with shards that the test says. */
  public static FileProxy start(Path file, String text, Sources sources) {
    write(file, text);
    return new FileProxy(file, NameLookup.OF_THIS_MACHINE, sources);
  }

  /**
   * A configuration of one pool, {@code p}, without an admin address.
   *
   * @param nodes named a, b, …
   * @param lines of the pool besides
   */
  public static String config(int port, int workers, List<RealRedis> nodes, String lines) {
    List<String> named = new ArrayList<>();
    for (RealRedis node : nodes) {
      named.add("\"" + node.address() + " " + (char) ('a' + named.size()) + "\"");
    }
    return """
    cashew {
      workers = %d
      clients-together = 1
      admin.listen = off
      pools.p {
        listen = "127.0.0.1:%d"
        nodes = %s
        %s
      }
    }
    """
        .formatted(workers, port, named, lines);
  }

  /** Writes a file. */
  public static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the file and has it read; says what became of it. */
  public ReloadResult reload(String text) {
    write(file, text);
    return Await.result(reloader.reload("test").toCompletableFuture());
  }

  /** As above, where nothing is wrong with the file. */
  public String take(String text) {
    ReloadResult result = reload(text);
    if (result.outcome() != ReloadResult.Outcome.DONE) {
      throw new AssertionError(result.text());
    }
    return result.text();
  }

  /** How things stand. */
  public ConfigStatus status() {
    return reloader.status();
  }

  /** The one that is watching. */
  public Reloader reloader() {
    return reloader;
  }

  /** What there is to show of it. */
  public ProxyView view() {
    return proxy.view();
  }

  /** What an operator may do with it. */
  public Operations operations() {
    return proxy.operations();
  }

  /** What is published. */
  public MetricsRegistry metrics() {
    return metrics;
  }

  /** The value of a metric whose line begins so, summed over its lines; 0 if there is none. */
  public double metric(String nameAndLabels) {
    return metrics
        .scrape(Exposition.TEXT)
        .lines()
        .filter(line -> line.startsWith(nameAndLabels))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** What a pool keeps, or those to which its routes lead. */
  public List<NearCache> caches(String pool) {
    return proxy.caches(pool);
  }

  @Override
  public void close() {
    reloader.close();
    proxy.close();
    metrics.close();
  }
}
