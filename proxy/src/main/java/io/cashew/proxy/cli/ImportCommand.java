package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.HoconWriter;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.ShardList;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cashew import}: a {@code nutcracker.yml}, or the shards of ShardedJedis, as HOCON. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Prints the configuration of twemproxy or ShardedJedis as a cashew.conf.")
final class ImportCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @ArgGroup(exclusive = false)
  private @Nullable ShardedJedis shardedJedis;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Parameters(
      paramLabel = "FILE",
      description =
          "A nutcracker.yml (.yml or .yaml); with --sharded-jedis a list of shards, one a line:"
              + " host:port[:weight] [name], or redis://… [name].")
  private Path file;

  /** What ShardedJedis computed with. */
  private static final class ShardedJedis {
    @SuppressWarnings("UnusedVariable") // picocli sets it: it says what the file is.
    @Option(
        names = "--sharded-jedis",
        required = true,
        description = "FILE is the list of shards of a ShardedJedis, in its order.")
    private boolean chosen;

    @Option(
        names = "--hash",
        paramLabel = "NAME",
        defaultValue = "murmur",
        description = "murmur or md5 (default: ${DEFAULT-VALUE}, as in Jedis).")
    private String hash = "murmur";

    @Option(
        names = "--points",
        paramLabel = "VERSION",
        description = "Of shards with names: 2.9 if placed by Jedis 2.9 or before, else 2.10.")
    private @Nullable String points;

    @Option(
        names = "--key-tag",
        paramLabel = "PATTERN",
        description = "The key tag pattern that was passed to ShardedJedis.")
    private @Nullable String keyTag;
  }

  @Override
  public Integer call() throws ConfigException {
    spec.commandLine().getOut().print(HoconWriter.write(settings()));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Settings settings() throws ConfigException {
    ShardedJedis of = shardedJedis;
    if (of == null) {
      return ConfigFile.read(file);
    }
    return ShardList.read(
        file,
        new ShardList.Options(
            of.hash, Optional.ofNullable(of.points), Optional.ofNullable(of.keyTag)));
  }
}
