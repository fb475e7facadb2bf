package io.cashew.proxy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads twemproxy's {@code nutcracker.yml} into {@link Settings} that behave as twemproxy 0.5.0
 * does. What a directive takes is in {@link NutcrackerDirectives}.
 *
 * <p>It works on the nodes of the YAML, not on values, because a node knows its line and a value
 * has lost the form that twemproxy is strict about.
 */
public final class NutcrackerReader {
  private static final Pattern KEPT_BY_YAML =
      Pattern.compile("^\\s*(?:-\\s+|[^\\s:]+:\\s+)([\\[\\]{}&*!|>@`%\"'])");

  private final Problems problems;

  private NutcrackerReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException with everything that is wrong with the file
   */
  public static Settings read(Path file) throws ConfigException {
    Problems problems = new Problems(file.toString());
    try {
      return read(TextFile.read(file), problems);
    } catch (TextFile.UnreadableException wrong) {
      problems.add(wrong.line(), "", wrong.text());
      throw problems.exception();
    }
  }

  /**
   * Reads a text.
   *
   * @param name stands for the file in errors
   * @throws ConfigException with everything that is wrong with the text
   */
  public static Settings read(String text, String name) throws ConfigException {
    return read(text, new Problems(name));
  }

  private static Settings read(String text, Problems problems) throws ConfigException {
    NutcrackerReader reader = new NutcrackerReader(problems);
    List<PoolSettings> pools = reader.pools(reader.document(text));
    problems.throwIfAny();
    return Settings.of(pools);
  }

  private MappingNode document(String text) throws ConfigException {
    List<Node> documents = new ArrayList<>();
    try {
      new Compose(LoadSettings.builder().build())
          .composeAllFromString(text)
          .forEach(documents::add);
    } catch (MarkedYamlEngineException wrong) {
      int line = wrong.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      String cure = cure(text, line);
      if (cure.isEmpty() && wrong.getContextMark().isPresent()) { // a [ that was never closed
        int begun = wrong.getContextMark().get().getLine() + 1;
        cure = cure(text, begun);
        line = cure.isEmpty() ? line : begun;
      }
      problems.add(line, "", "is not YAML: " + wrong.getProblem() + cure);
      throw problems.exception();
    } catch (YamlEngineException wrong) {
      problems.add(0, "", "is not YAML: " + wrong.getMessage());
      throw problems.exception();
    } catch (StackOverflowError tooDeep) { // the library has no limit of its own
      problems.add(0, "", "is nested too deep");
      throw problems.exception();
    }
    if (documents.size() != 1) {
      problems.add(0, "", "must contain only 1 document; found " + documents.size() + " documents");
      throw problems.exception();
    }
    if (!(documents.get(0) instanceof MappingNode root)) {
      problems.add(line(documents.get(0)), "", "must be pools: a name, then its directives");
      throw problems.exception();
    }
    if (root.getValue().isEmpty()) {
      problems.add(0, "", "has no pools");
      throw problems.exception();
    }
    return root;
  }

  /** What to write where a value without quotes begins with a character that YAML keeps. */
  private static String cure(String text, int line) {
    return text.lines()
        .skip(Math.max(0, line - 1))
        .findFirst()
        .map(KEPT_BY_YAML::matcher)
        .filter(Matcher::find)
        .map(
            found ->
                "; a value that begins with "
                    + found.group(1)
                    + " needs quotes"
                    + (found.group(1).equals("[") ? ": \"[::1]:22121\"" : ""))
        .orElse("");
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  private List<PoolSettings> pools(MappingNode root) {
    Map<String, Integer> lines = new HashMap<>();
    PoolChecks.Listeners listeners = new PoolChecks.Listeners(AdminSettings.DEFAULT.listen());
    List<PoolSettings> pools = new ArrayList<>();
    for (NodeTuple tuple : root.getValue()) {
      int line = line(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(line, "", "has a pool whose name is no text");
        continue;
      }
      String name = key.getValue();
      try {
        AddressText.name(name);
      } catch (BadValue wrong) {
        problems.add(line, "", "pool " + wrong.text());
      }
      Integer first = lines.putIfAbsent(name, line);
      if (first != null) {
        problems.add(
            line, "", "has pools with same name '" + name + "', the other on line " + first);
      }
      if (tuple.getValueNode() instanceof MappingNode directives) {
        pools.add(new Pool(name, line, directives).read(listeners));
      } else {
        problems.add(line, "", "pool '" + name + "' has no directives: listen, servers, …");
      }
    }
    return pools;
  }

  /** One pool of the file: its directives by name. */
  private final class Pool {
    private final String name;
    private final int line;
    private final Map<String, NodeTuple> directives = new HashMap<>();

    Pool(String name, int line, MappingNode mapping) {
      this.name = name;
      this.line = line;
      List<String> known = NutcrackerDirectives.ALL.stream().map(Directive::name).toList();
      for (NodeTuple tuple : mapping.getValue()) {
        int at = line(tuple.getKeyNode());
        String directive = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
        if (!known.contains(directive)) {
          report(at, directive, "is unknown" + UnknownName.question(directive, known));
        } else if (directives.putIfAbsent(directive, tuple) != null) {
          report(at, directive, "is a duplicate");
        }
      }
    }

    private void report(int at, String directive, String text) {
      problems.add(at, "", "directive \"" + directive + "\" " + text);
    }

    private int lineOf(Directive<?> directive) {
      NodeTuple tuple = directives.get(directive.name());
      return tuple == null ? line : line(tuple.getKeyNode());
    }

    private <T> T get(Directive<T> directive) {
      NodeTuple tuple = directives.get(directive.name());
      if (tuple == null) {
        if (directive.required()) {
          report(line, directive.name() + ":", "is missing from pool '" + name + "'");
        }
        return directive.fallback();
      }
      try {
        return directive.reading().read(scalar(tuple.getValueNode()));
      } catch (BadValue wrong) {
        report(line(tuple.getValueNode()), directive.name(), wrong.text());
        return directive.fallback();
      }
    }

    private String scalar(Node node) throws BadValue {
      if (!(node instanceof ScalarNode scalar)) {
        throw new BadValue(
            "must be a single value, not a list or a mapping; quote braces and brackets: \"{}\","
                + " \"[::1]:22121\"");
      }
      boolean tagged = scalar.getTag().getValue().startsWith("!");
      if (tagged && !isVariable(scalar)) {
        throw new BadValue(
            "begins with !, by which YAML means a tag: put the whole text in quotes");
      }
      if (!Kinds.isUnicode(scalar.getValue())) {
        throw new BadValue("has half of a surrogate pair, which is no character");
      }
      if (scalar.getValue().isEmpty()) {
        throw new BadValue("has an empty value");
      }
      return scalar.getValue();
    }

    /** The YAML library has a tag of its own for ${NAME}, which is a text like any other here. */
    private static boolean isVariable(ScalarNode scalar) {
      return scalar.getTag().equals(Tag.ENV_TAG) && scalar.getValue().startsWith("${");
    }

    PoolSettings read(PoolChecks.Listeners listeners) {
      int before = problems.count();
      Address listen = get(NutcrackerDirectives.LISTEN);
      listeners
          .claim(name, listen)
          .ifPresent(text -> report(lineOf(NutcrackerDirectives.LISTEN), "listen", text));
      boolean redis = get(NutcrackerDirectives.REDIS);
      Optional<Secret> password = get(NutcrackerDirectives.REDIS_AUTH);
      if (!redis && password.isPresent()) {
        report(
            lineOf(NutcrackerDirectives.REDIS_AUTH),
            "redis_auth:",
            "is only valid for a redis pool: write redis: true too, or remove it");
      }
      PoolSettings pool =
          PoolSettings.of(name, listen, servers(listen))
              .with(PlacementSettings.HASH, get(NutcrackerDirectives.HASH))
              .with(PlacementSettings.HASH_TAG, get(NutcrackerDirectives.HASH_TAG))
              .with(PlacementSettings.DISTRIBUTION, get(NutcrackerDirectives.DISTRIBUTION))
              .with(NodeConnections.TIMEOUT, (long) get(NutcrackerDirectives.TIMEOUT))
              .with(NodeConnections.PER_NODE, get(NutcrackerDirectives.SERVER_CONNECTIONS))
              .with(NodeConnections.PRECONNECT, get(NutcrackerDirectives.PRECONNECT))
              .with(ProtocolSettings.PROTOCOL, redis ? Protocol.REDIS : Protocol.MEMCACHED)
              .with(NodeConnections.DATABASE, redis ? get(NutcrackerDirectives.REDIS_DB) : 0)
              // twemproxy counts a failure before it looks at the limit: 0 behaves like 1.
              .with(
                  HealthSettings.FAILURE_LIMIT,
                  Math.max(1, get(NutcrackerDirectives.SERVER_FAILURE_LIMIT)))
              .with(
                  HealthSettings.RETRY_AFTER,
                  Math.max(1L, get(NutcrackerDirectives.SERVER_RETRY_TIMEOUT)))
              .with(EjectSettings.ENABLED, get(NutcrackerDirectives.AUTO_EJECT_HOSTS))
              .with(EjectSettings.RING, EjectRing.REBUILD)
              .with(AuthSettings.PASSWORD, password)
              .with(
                  AuthSettings.NODE_AUTH,
                  password.map(secret -> new NodeAuth(Optional.empty(), secret)))
              .with(ClientConnections.BACKLOG, get(NutcrackerDirectives.BACKLOG))
              .with(
                  ClientConnections.KEEPALIVE,
                  get(NutcrackerDirectives.TCP_KEEPALIVE) ? Keepalives.DEFAULT_SECONDS : 0)
              .with(LimitSettings.CLIENTS, get(NutcrackerDirectives.CLIENT_CONNECTIONS));
      if (problems.count() == before) {
        PoolChecks.spread(pool)
            .ifPresent(text -> report(lineOf(NutcrackerDirectives.SERVERS), "servers", text));
      }
      return pool;
    }

    private List<NodeSettings> servers(Address listen) {
      NodeTuple tuple = directives.get(NutcrackerDirectives.SERVERS.name());
      if (tuple == null || !(tuple.getValueNode() instanceof SequenceNode sequence)) {
        // Reports that it is missing, or no list.
        get(NutcrackerDirectives.SERVERS);
        return List.of();
      }
      if (sequence.getValue().isEmpty()) {
        problems.add(line(sequence), "", "pool '" + name + "' has no servers");
      }
      PoolChecks.Names names = new PoolChecks.Names();
      List<NodeSettings> nodes = new ArrayList<>();
      for (Node entry : sequence.getValue()) {
        int at = line(entry);
        try {
          NodeSettings node = NutcrackerDirectives.server(scalar(entry));
          nodes.add(node);
          names
              .claim(node.name(), at)
              .ifPresent(text -> problems.add(at, "", "pool '" + name + "' " + text));
          MeetingAddresses.self(listen, node.address())
              .ifPresent(text -> report(at, "servers", "has a server that " + text));
        } catch (BadValue wrong) {
          report(at, "servers", wrong.text());
        }
      }
      return nodes;
    }
  }
}
