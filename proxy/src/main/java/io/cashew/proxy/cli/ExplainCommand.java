package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.cache.rule.RuleEffect;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyRoutes;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cashew explain}: which rule of a pool's cache a key has, and what follows. */
@picocli.CommandLine.Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description =
        "Prints one line a key: the key, a tab, and the pattern of its rule in cache.rules, or - if it"
            + " has none. Indented lines below say what the rule does, and for a pool with routes which"
            + " pool has the key, and what that pool's rule does.")
final class ExplainCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Mixin private final PoolOption pool = new PoolOption();

  @Mixin private final UserOption user = new UserOption();

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description = "Says only what the rule does for this command: GET.")
  private @Nullable String command;

  @Parameters(
      paramLabel = "KEY",
      arity = "1..*",
      description = "Keys; write -- before one that begins with a dash.")
  private List<String> keys = List.of();

  ExplainCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws ConfigException, IOException {
    Settings settings = config.read();
    PoolSettings chosen = pool.choose(settings);
    Command row = row(chosen);
    CacheRules rules = CacheRules.of(chosen.cache().rules());
    KeyRoutes routes = user.routesOf(chosen);
    OutputStream out = new BufferedOutputStream(streams.out());
    for (String key : keys) {
      byte[] bytes = ArgumentBytes.encode(key);
      CacheRule rule = rules.of(bytes);
      out.write(bytes);
      out.write(("\t" + (rule == null ? "-" : rule.match()) + "\n").getBytes(UTF_8));
      if (routes != null) {
        out.write(pool(routes, bytes).getBytes(UTF_8));
      }
      if (rule != null) {
        out.write(text(rule, row).getBytes(UTF_8));
      }
      if (rule != null && rule.hearsOfWrites() && chosen.protocol().isMemcached()) {
        out.write(("  " + RuleEffect.UNTOLD + "\n").getBytes(UTF_8));
      }
      if (routes != null) {
        out.write(ruleOfPool(settings, routes, bytes, row).getBytes(UTF_8));
      }
    }
    out.flush();
    return 0;
  }

  private static String pool(KeyRoutes routes, byte[] key) {
    return "  pool = "
        + routes.pools().get(routes.poolOf(key, 0, key.length))
        + ": by the route '"
        + routes.pattern(routes.patternOf(key))
        + "'\n";
  }

  /** What the pool that has a key does for it; empty: no rule of its. */
  private static String ruleOfPool(
      Settings settings, KeyRoutes routes, byte[] key, @Nullable Command row) {
    String name = routes.pools().get(routes.poolOf(key, 0, key.length));
    CacheRule rule =
        settings.pools().stream()
            .filter(each -> each.name().equals(name))
            .findFirst()
            .map(each -> CacheRules.of(each.cache().rules()).of(key))
            .orElse(null);
    return rule == null ? "" : "  rule of " + name + " = " + rule.match() + ":\n" + text(rule, row);
  }

  /** The row of the command that is asked about; null: of none. */
  private @Nullable Command row(PoolSettings of) {
    if (command == null) {
      return null;
    }
    Command row = of.commands().table().find(command.toLowerCase(Locale.ROOT));
    if (row == null) {
      throw new ParameterException(
          spec.commandLine(), "there is no command '" + command + "': write one such as GET");
    }
    return row;
  }

  private static String text(CacheRule rule, @Nullable Command row) {
    StringBuilder text = new StringBuilder();
    for (RuleEffect effect : RuleEffect.of(rule)) {
      if (row == null || effect.isAbout(row.name())) {
        text.append("  ")
            .append(effect.setting())
            .append(" = ")
            .append(effect.value(rule))
            .append(": ")
            .append(row == null ? subject(effect) : row.name().toUpperCase(Locale.ROOT))
            .append(": ")
            .append(effect.what())
            .append('\n');
      }
    }
    if (row != null && !row.onlyReads() && rule.hearsOfWrites()) {
      text.append("  ends what is kept of the key\n");
    }
    return text.length() == 0 ? "  nothing is done\n" : text.toString();
  }

  private static String subject(RuleEffect effect) {
    return effect.commands().isEmpty() ? "every command" : String.join(" ", effect.commands());
  }
}
