package io.cashew.proxy.cli;

import com.typesafe.config.ConfigUtil;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.process.ProxyRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cashew demo}: real Redis or memcached servers and the proxy in front of them. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts Redis servers of its own and the proxy in front; Ctrl-C ends all of it.",
      "The servers are the redis-server on the PATH, else the one that Cashew brings."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int MOST_NODES = 64;
  private static final int MOST_PRIMARIES = 16;
  private static final String ADMIN = "127.0.0.1:22222";

  private final ProxyRunner runner;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How many servers, 1 to "
              + MOST_NODES
              + "; with --cluster how many primaries, 3 to "
              + MOST_PRIMARIES
              + ". Default: ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--cluster",
      description = "The servers form a Redis Cluster, each primary with a replica.")
  private boolean cluster;

  @Option(names = "--memcached", description = "The servers are the memcached on the PATH.")
  private boolean memcached;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:22121",
      description = "Where the proxy listens. Default: ${DEFAULT-VALUE}.")
  private String listen;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description =
          "Where its console and metrics are; off: nowhere. Default: "
              + ADMIN
              + ", or a free port if that is in use.")
  private @Nullable String admin;

  DemoCommand(ProxyRunner runner) {
    this.runner = runner;
  }

  @Override
  public Integer call() throws Exception {
    if (cluster && memcached) {
      throw new ParameterException(
          spec.commandLine(), "--cluster and --memcached exclude each other");
    }
    int least = cluster ? DemoCluster.LEAST_PRIMARIES : 1;
    int most = cluster ? MOST_PRIMARIES : MOST_NODES;
    if (nodes < least || nodes > most) {
      throw new ParameterException(
          spec.commandLine(), "--nodes must be from " + least + " to " + most + ", not " + nodes);
    }
    // Read before any server starts: a mistyped address must not leave servers to clean up.
    Settings asked =
        settings(
            admin == null ? ADMIN : admin,
            IntStream.rangeClosed(1, nodes).mapToObj(n -> "127.0.0.1:" + n).toList());
    String console = freeAddresses(asked);
    PrintWriter out = spec.commandLine().getOut();
    try (DemoNodes servers = start(out)) {
      Settings settings =
          settings(console, servers.ports().stream().map(port -> "127.0.0.1:" + port).toList());
      return runner.run(settings, null, () -> tell(out, settings, servers));
    }
  }

  private DemoNodes start(PrintWriter out) throws IOException {
    if (memcached) {
      return DemoNodes.startMemcached(nodes, out::println);
    }
    return cluster
        ? DemoNodes.startCluster(nodes, out::println)
        : DemoNodes.start(nodes, out::println);
  }

  /**
   * Refuses addresses that are taken before anything starts, naming the option for another. For an
   * admin address that nobody asked for, a free port does.
   *
   * @return the admin address, or off
   */
  private String freeAddresses(Settings asked) throws IOException {
    Optional<String> taken = BindProbe.problem(asked.pools().get(0).listen());
    if (taken.isPresent()) {
      throw new IOException(taken.get() + "; choose another address with --listen HOST:PORT");
    }
    Optional<Address> console = asked.admin().listen();
    Optional<String> consoleTaken =
        console.equals(Optional.of(asked.pools().get(0).listen()))
            ? Optional.of(listen + " is where the proxy listens")
            : console.flatMap(BindProbe::problem);
    if (consoleTaken.isEmpty()) {
      return console.map(Address::text).orElse("off");
    }
    if (admin != null) {
      throw new IOException(
          consoleTaken.get() + "; choose another address with --admin HOST:PORT, or --admin off");
    }
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + free.getLocalPort();
    }
  }

  /** The settings of the demonstration: what a first configuration file would have. */
  private Settings settings(String console, List<String> addresses) {
    String text =
        // Who asks for a demonstration on another address than this machine's wants it there.
        "cashew.admin.listen = "
            + ConfigUtil.quoteString(console)
            + "\ncashew.pools.demo { protected-mode = false, listen = "
            + ConfigUtil.quoteString(listen)
            + (cluster ? ofCluster(addresses) : ofNodes(addresses))
            + " }";
    try {
      return HoconReader.read(text, "cashew demo");
    } catch (ConfigException wrong) {
      throw new ParameterException(
          spec.commandLine(),
          wrong.problems().stream()
              .map(problem -> problem.text())
              .collect(Collectors.joining("; ")));
    }
  }

  private String ofNodes(List<String> addresses) {
    String list =
        IntStream.range(0, addresses.size())
            .mapToObj(i -> ConfigUtil.quoteString(addresses.get(i) + " node" + (i + 1)))
            .collect(Collectors.joining(", "));
    return (memcached ? ", protocol = memcached" : "")
        + ", hash = murmur, hash-tag = \"{}\", nodes = ["
        + list
        + "]";
  }

  private static String ofCluster(List<String> addresses) {
    String list = addresses.stream().map(ConfigUtil::quoteString).collect(Collectors.joining(", "));
    // Longer than an election takes.
    return ", failover-wait = 5s, cluster { seeds = [" + list + "] }";
  }

  private void tell(PrintWriter out, Settings settings, DemoNodes servers) {
    if (cluster) {
      tellOfCluster(out, servers);
    } else {
      out.println(
          servers.ports().size()
              + (memcached ? " memcached servers (" : " Redis servers (")
              + servers.version()
              + ") run on 127.0.0.1:");
      settings
          .pools()
          .get(0)
          .nodes()
          .forEach(node -> out.println("  " + node.name() + "  " + node.address().text()));
    }
    Address address = settings.pools().get(0).listen();
    out.println("The proxy listens on " + address.text() + ". Try, in another terminal:");
    if (memcached && address instanceof Address.Tcp tcp) {
      out.println(
          "  printf 'set greeting 0 0 5\\r\\nhello\\r\\nget greeting\\r\\nquit\\r\\n' | nc "
              + tcp.host()
              + " "
              + tcp.port());
    } else if (!memcached) {
      tellOfRedis(out, address);
    }
    settings
        .admin()
        .listen()
        .ifPresent(
            console ->
                out.println(
                    "Its console is at http://"
                        + console.text()
                        + "/"
                        + (admin == null && !console.text().equals(ADMIN)
                            ? " (" + ADMIN + " is in use)"
                            : "")));
    out.println("Ctrl-C ends all of it.");
    out.flush();
  }

  private static void tellOfRedis(PrintWriter out, Address address) {
    out.println(
        address instanceof Address.Tcp tcp
            ? "  redis-cli -h " + tcp.host() + " -p " + tcp.port() + " set greeting hello"
            : "  redis-cli -s "
                + address.text().substring("unix:".length())
                + " set greeting hello");
  }

  private void tellOfCluster(PrintWriter out, DemoNodes servers) {
    List<Integer> ports = servers.ports();
    out.println("A Redis Cluster (" + servers.version() + ") runs on 127.0.0.1:");
    for (int i = 0; i < nodes; i++) {
      out.println("  primary 127.0.0.1:" + ports.get(i) + ", replica :" + ports.get(nodes + i));
    }
    out.println("To see a replica take over:  redis-cli -p " + ports.get(0) + " shutdown nosave");
  }
}
