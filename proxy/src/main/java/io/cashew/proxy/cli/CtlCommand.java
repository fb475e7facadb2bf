package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cashew ctl}: has a running proxy do something, and asks it who and where. */
@Command(
    name = "ctl",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Has a running proxy do something, or says what is where. It asks the proxy's admin"
            + " address; what it does is an event there.",
    subcommands = {
      CtlCommand.DrainNode.class,
      CtlCommand.Offline.class,
      CtlCommand.Ready.class,
      CtlCommand.Where.class,
      CtlCommand.Clients.class,
      CtlCommand.CloseClient.class,
      CtlCommand.Reload.class,
      CtlCommand.Invalidate.class,
      CtlCommand.LogLevel.class,
      CtlCommand.AccessLog.class,
      CtlCommand.Stop.class
    })
final class CtlCommand implements Callable<Integer> {
  private static final int FIRST_OF_ERRORS = 400;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "which command? " + String.join(" ", WrongUsage.names(spec)));
  }

  /** What all have. */
  abstract static class Asking implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // picocli sets it.
    @Spec
    CommandSpec spec;

    @Mixin final AdminOption admin = new AdminOption();

    PrintWriter out() {
      return spec.commandLine().getOut();
    }

    /** Has something done, and prints what the proxy says of it. */
    int act(String path, String body) throws IOException, InterruptedException {
      HttpResponse<String> response = admin.post(path, body);
      if (response.statusCode() >= FIRST_OF_ERRORS) {
        throw admin.refused(response);
      }
      out().println(response.body().strip());
      return 0;
    }

    int act(String path) throws IOException, InterruptedException {
      return act(path, "");
    }
  }

  // ---------------------------------------------------------------- nodes

  /** A node of a pool. */
  abstract static class OfNode extends Asking {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "The name of the node.")
    private String node = "";

    int act(String action, boolean yes) throws IOException, InterruptedException {
      return act(action, yes, false);
    }

    int act(String action, boolean yes, boolean anyway) throws IOException, InterruptedException {
      return act(
          AdminOption.path(
              "/api/node",
              "pool",
              pool,
              "node",
              node,
              "action",
              action,
              "yes",
              yes ? "true" : null,
              "anyway",
              anyway ? "true" : null));
    }
  }

  /** A node is taken out. */
  abstract static class OutOfUse extends OfNode {
    @Option(
        names = "--yes",
        description = "Do it. Without this only what it means for keys is said.")
    boolean yes;
  }

  @Command(
      name = "drain",
      mixinStandardHelpOptions = true,
      description =
          "Takes a node out for maintenance: what is under way there ends first, for as long as"
              + " drain-timeout. Returns when the proxy has nothing at the node any more. It stays"
              + " out, also when the configuration is read again, until 'ready'.")
  static final class DrainNode extends OutOfUse {
    @Override
    public Integer call() throws IOException, InterruptedException {
      return act("drain", yes);
    }
  }

  @Command(
      name = "offline",
      mixinStandardHelpOptions = true,
      description =
          "Takes a node out for maintenance at once: what is under way there fails. It stays out"
              + " until 'ready'.")
  static final class Offline extends OutOfUse {
    @Override
    public Integer call() throws IOException, InterruptedException {
      return act("offline", yes);
    }
  }

  @Command(
      name = "ready",
      mixinStandardHelpOptions = true,
      description =
          "Has a node back that was taken out, as soon as no failover of it is under way; after ten"
              + " seconds it stays out, and why is said.")
  static final class Ready extends OfNode {
    @Option(
        names = "--anyway",
        description =
            "Have it back also during a failover: writes that the former primary takes meanwhile"
                + " are lost.")
    private boolean anyway;

    @Override
    public Integer call() throws IOException, InterruptedException {
      return act("ready", true, anyway);
    }
  }

  // ---------------------------------------------------------------- where, who

  @Command(
      name = "where",
      mixinStandardHelpOptions = true,
      description = "Says which node has a key, who serves it now, and which rule it has.")
  static final class Where extends Asking {
    @Parameters(paramLabel = "KEY", arity = "1..*", description = "The keys.")
    private List<String> keys = List.of();

    @Option(names = "--pool", paramLabel = "POOL", description = "Of this pool only.")
    private @Nullable String pool;

    @Override
    public Integer call() throws IOException, InterruptedException {
      StringBuilder path = new StringBuilder(AdminOption.path("/api/where", "key", keys.get(0)));
      keys.stream()
          .skip(1)
          .forEach(key -> path.append(AdminOption.path("", "key", key).replace('?', '&')));
      path.append(AdminOption.path("", "pool", pool).replace('?', '&'));
      TextTable table =
          new TextTable(8, List.of("key", "pool", "node", "served by", "address", "state", "rule"));
      for (Config each : TopFigures.configs(admin.get(path.toString()), "keys")) {
        String routed = text(each, "routedTo");
        table.add(
            List.of(
                each.getString("key"),
                each.getString("pool") + (routed.equals("-") ? "" : " → " + routed),
                text(each, "node"),
                text(each, "servedBy"),
                text(each, "address"),
                text(each, "state"),
                text(each, "rule")));
      }
      table.lines().forEach(out()::println);
      return 0;
    }
  }

  private static String text(Config of, String field) {
    String text = of.getIsNull(field) ? "" : of.getString(field);
    return text.isEmpty() ? "-" : text;
  }

  /** Which clients are meant. */
  abstract static class OfClients extends Asking {
    @Option(names = "--pool", paramLabel = "POOL", description = "Of this pool.")
    private @Nullable String pool;

    @Option(names = "--id", paramLabel = "ID", description = "With this number.")
    private @Nullable String id;

    @Option(names = "--addr", paramLabel = "HOST:PORT", description = "At this address.")
    private @Nullable String addr;

    @Option(names = "--ip", paramLabel = "HOST", description = "At any port of this host.")
    private @Nullable String ip;

    @Option(names = "--name", paramLabel = "NAME", description = "Which call themselves so.")
    private @Nullable String name;

    @Option(names = "--user", paramLabel = "USER", description = "Logged in as this user.")
    private @Nullable String user;

    @Option(names = "--text", paramLabel = "TEXT", description = "With this text in any column.")
    private @Nullable String text;

    String path(String path, @Nullable String count) {
      return AdminOption.path(
          path, "pool", pool, "id", id, "addr", addr, "ip", ip, "name", name, "user", user, "text",
          text, "count", count);
    }
  }

  @Command(
      name = "clients",
      mixinStandardHelpOptions = true,
      description = "Says who is connected, all or those that the options mean together.")
  static final class Clients extends OfClients {
    @Option(
        names = "--count",
        paramLabel = "N",
        defaultValue = "1000",
        description = "At most so many. Default: ${DEFAULT-VALUE}.")
    private String count = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      TextTable table =
          new TextTable(
              3,
              List.of(
                  "id", "pool", "address", "user", "name", "library", "age", "idle", "cmd", "waits",
                  "queued"));
      for (Config each : TopFigures.configs(admin.get(path("/api/clients", count)), "clients")) {
        table.add(
            List.of(
                "" + each.getLong("id"),
                each.getString("pool"),
                each.getString("addr"),
                each.getString("user"),
                text(each, "name"),
                text(each, "library"),
                each.getLong("ageSeconds") + "s",
                each.getLong("idleSeconds") + "s",
                text(each, "cmd"),
                each.getBoolean("blocked") ? "yes" : "-",
                String.format(Locale.ROOT, "%d", each.getLong("queuedBytes"))));
      }
      table.lines().forEach(out()::println);
      return 0;
    }
  }

  @Command(
      name = "close-client",
      mixinStandardHelpOptions = true,
      description = "Closes the clients that the options mean together; one at least is needed.")
  static final class CloseClient extends OfClients {
    @Override
    public Integer call() throws IOException, InterruptedException {
      return act(path("/api/clients/close", null));
    }
  }

  // ---------------------------------------------------------------- the proxy

  @Command(
      name = "reload",
      mixinStandardHelpOptions = true,
      description = "Reads the configuration file again and says what has changed.")
  static final class Reload extends Asking {
    @Override
    public Integer call() throws IOException, InterruptedException {
      return act("/reload");
    }
  }

  @Command(
      name = "invalidate",
      mixinStandardHelpOptions = true,
      description = "Empties the near cache of a pool, or ends what is kept of some keys.")
  static final class Invalidate extends Asking {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(
        index = "1",
        paramLabel = "PATTERN",
        arity = "0..1",
        defaultValue = "*",
        description = "Only keys of this pattern. Default: ${DEFAULT-VALUE}.")
    private String pattern = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      String body =
          ConfigValueFactory.fromMap(Map.of("pool", pool, "pattern", pattern))
              .render(ConfigRenderOptions.concise());
      return act("/api/invalidate", body);
    }
  }

  @Command(
      name = "log-level",
      mixinStandardHelpOptions = true,
      description =
          "Shows lines of the log from a level on, until the proxy ends or 'config' is said.")
  static final class LogLevel extends Asking {
    @Parameters(
        paramLabel = "LEVEL",
        description = "debug, info, warn, error, or config: as the configuration says.")
    private String level = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      return act(AdminOption.path("/api/log", "level", level));
    }
  }

  @Command(
      name = "access-log",
      mixinStandardHelpOptions = true,
      description = "Has a pool write a line for each request to its access-log.file, or not.")
  static final class AccessLog extends Asking {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "on|off", description = "Whether it is written.")
    private String wanted = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      if (!wanted.equals("on") && !wanted.equals("off")) {
        throw new ParameterException(spec.commandLine(), "on or off, not '" + wanted + "'");
      }
      String on = wanted.equals("on") ? "true" : "false";
      return act(AdminOption.path("/api/access-log", "pool", pool, "on", on));
    }
  }

  @Command(
      name = "drain-proxy",
      mixinStandardHelpOptions = true,
      description = "Has all clients leave and ends the proxy, as SIGTERM does.")
  static final class Stop extends Asking {
    @Override
    public Integer call() throws IOException, InterruptedException {
      return act("/drain");
    }
  }
}
