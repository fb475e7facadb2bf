package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.hashing.KeyMapper;
import io.cashew.proxy.command.KeyRoutes;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.topology.Topology;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cashew route}: which node a key belongs to. */
@Command(
    name = "route",
    mixinStandardHelpOptions = true,
    description =
        "Prints one line a key: the key, a tab, and the name of its node; of a Cluster, whose servers"
            + " are asked, a tab and the slot more; of a pool with routes, a tab and the key's pool"
            + " more. Keys come from standard input, one a line, when none"
            + " is given.")
final class RouteCommand implements Callable<Integer> {
  private static final int BUFFER_BYTES = 1 << 16;

  private final StandardStreams streams;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Mixin private final PoolOption pool = new PoolOption();

  @Mixin private final UserOption user = new UserOption();

  @Option(names = "--hex", description = "Keys are given in hexadecimal: 6b6579.")
  private boolean hex;

  @Parameters(
      paramLabel = "KEY",
      arity = "0..*",
      description = "Keys; write -- before one that begins with a dash.")
  private List<String> keys = List.of();

  RouteCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws ConfigException, IOException {
    Settings settings = config.read();
    PoolSettings chosen = pool.choose(settings);
    try (Lines lines = new Lines(chosen, settings)) {
      if (keys.isEmpty()) {
        routeInput(lines);
      } else {
        for (String key : keys) {
          lines.write(ArgumentBytes.encode(key));
        }
      }
    } catch (NotHex wrong) {
      throw new ParameterException(spec.commandLine(), wrong.text());
    }
    if (isRandom(chosen, settings)) {
      spec.commandLine()
          .getErr()
          .println("cashew route: with distribution = random each request picks a node anew");
    }
    return 0;
  }

  private static boolean isRandom(PoolSettings pool, Settings settings) {
    return pool.hasRoutes()
        ? pool.poolRoutes().pools().stream()
            .anyMatch(name -> PoolOption.named(settings, name).placement().holdsTheSame())
        : pool.placement().holdsTheSame();
  }

  private void routeInput(Lines lines) throws IOException, NotHex {
    InputStream in = new BufferedInputStream(streams.in(), BUFFER_BYTES);
    byte[] line = new byte[256];
    int length = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        lines.write(Arrays.copyOf(line, length));
        length = 0;
        continue;
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, length * 2);
      }
      line[length++] = (byte) b;
    }
    if (length > 0) {
      lines.write(Arrays.copyOf(line, length));
    }
  }

  /** Writes the lines of the answer. */
  private final class Lines implements AutoCloseable {
    private final OutputStream out = new BufferedOutputStream(streams.out(), BUFFER_BYTES);
    private final Function<byte[], byte[]> endings;

    Lines(PoolSettings pool, Settings settings) throws IOException {
      KeyRoutes routes = user.routesOf(pool);
      endings =
          routes != null
              ? ofRoutes(routes, settings)
              : pool.isCluster() ? ofCluster(pool, "") : ofNodes(pool, "");
    }

    private static Function<byte[], byte[]> ofRoutes(KeyRoutes routes, Settings settings)
        throws IOException {
      List<Function<byte[], byte[]>> ofPools = new ArrayList<>();
      for (String name : routes.pools()) {
        PoolSettings pool = PoolOption.named(settings, name);
        ofPools.add(pool.isCluster() ? ofCluster(pool, "\t" + name) : ofNodes(pool, "\t" + name));
      }
      return key -> ofPools.get(routes.poolOf(key, 0, key.length)).apply(key);
    }

    private static Function<byte[], byte[]> ofNodes(PoolSettings pool, String ending) {
      KeyMapper mapper = pool.keyMapper();
      List<byte[]> ofNodes =
          pool.nodes().stream()
              .map(NodeSettings::name)
              .map(name -> ("\t" + name + ending + "\n").getBytes(UTF_8))
              .toList();
      return key -> ofNodes.get(mapper.nodeFor(key, 0, key.length));
    }

    private static Function<byte[], byte[]> ofCluster(PoolSettings pool, String ending)
        throws IOException {
      ClusterProbe probe = ClusterProbe.of(pool);
      if (probe.answered() == 0) {
        throw new IOException("pool '" + pool.name() + "': " + probe.whatIsWrong().get(0));
      }
      Topology topology = probe.picture().topology();
      return key -> {
        int slot = topology.placement().groupOf(key, 0, key.length);
        String node = topology.shards().get(topology.placement().shardOf(slot)).name();
        return ("\t" + node + ending + "\t" + slot + "\n").getBytes(UTF_8);
      };
    }

    /** Writes the line of a key, which may be in hexadecimal. */
    void write(byte[] given) throws IOException, NotHex {
      byte[] key = hex ? bytes(given) : given;
      out.write(given);
      out.write(endings.apply(key));
    }

    private byte[] bytes(byte[] given) throws NotHex {
      String text = new String(given, UTF_8);
      try {
        return HexFormat.of().parseHex(text.strip());
      } catch (IllegalArgumentException wrong) {
        throw new NotHex(text);
      }
    }

    @Override
    public void close() throws IOException {
      out.flush();
    }
  }

  /** A key that should be hexadecimal. */
  private static final class NotHex extends Exception {
    private static final long serialVersionUID = 1L;

    NotHex(String key) {
      super("'" + key + "' is not hexadecimal: two digits a byte", null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }
}
