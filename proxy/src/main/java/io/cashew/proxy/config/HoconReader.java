package io.cashew.proxy.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads HOCON into {@link Settings}. What a key takes is in {@link HoconKeys}; here is what keys
 * mean together.
 */
public final class HoconReader {
  private static final Pattern LIBRARY_ADVICE =
      Pattern.compile(", or you may be able to rename the file \\.properties.*\\)$");
  private static final Pattern SLOTS = Pattern.compile("([0-9]{1,5})(?:\\s*-\\s*([0-9]{1,5}))?");
  private static final String SLOTS_DISTRIBUTION = "slots";
  private static final String SLOTS_HASH = "crc16";
  private static final int LAST_SLOT = 16383;

  private final Problems problems;

  /** Files that were read, absolute. */
  private final Set<Path> files = new TreeSet<>();

  private HoconReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Reads a file; {@code ${NAME}} and {@code ${?NAME}} are taken from the environment.
   *
   * @throws ConfigException with everything that is wrong with the file
   */
  public static Settings read(Path file) throws ConfigException {
    return load(file).settings();
  }

  /** As above, with the files that it includes. */
  static LoadedConfig load(Path file) throws ConfigException {
    HoconReader reader = new HoconReader(new Problems(file.toString()));
    Settings settings =
        reader.read(() -> Includes.parse(file.toAbsolutePath(), reader.files, reader.problems));
    List<Path> files = new ArrayList<>();
    files.add(file);
    reader.files.stream().filter(each -> !each.equals(file.toAbsolutePath())).forEach(files::add);
    return new LoadedConfig(settings, files);
  }

  /**
   * Reads a text.
   *
   * @param name stands for the file in errors
   * @throws ConfigException with everything that is wrong with the text
   */
  public static Settings read(String text, String name) throws ConfigException {
    HoconReader reader = new HoconReader(new Problems(name));
    return reader.read(() -> Includes.parse(text, name, reader.files, reader.problems));
  }

  private Settings read(Supplier<Config> source) throws ConfigException {
    ConfigObject root;
    try {
      root = source.get().resolve().root();
    } catch (com.typesafe.config.ConfigException wrong) {
      if (problems.count() == 0) {
        addSyntaxProblem(wrong);
      }
      throw problems.exception();
    } catch (StackOverflowError tooDeep) { // the library has no limit of its own
      problems.add(0, "", "is nested too deep");
      throw problems.exception();
    }
    Settings settings = settings(root);
    problems.throwIfAny();
    return settings;
  }

  private void addSyntaxProblem(com.typesafe.config.ConfigException wrong) {
    ConfigOrigin origin = wrong.origin();
    String message = LIBRARY_ADVICE.matcher(String.valueOf(wrong.getMessage())).replaceFirst(")");
    if (origin == null) {
      problems.add(0, "", message);
      return;
    }
    String place = origin.description() + ": ";
    String text = message.startsWith(place) ? message.substring(place.length()) : message;
    problems.add(new ConfigProblem(fileName(origin), Math.max(0, origin.lineNumber()), "", text));
  }

  /** The file as the user named it; one that it includes, by its path. */
  private String fileName(ConfigOrigin origin) {
    String absolute = origin.filename();
    return absolute == null ? problems.file() : problems.nameOf(Path.of(absolute));
  }

  private Settings settings(ConfigObject file) throws ConfigException {
    Key<Optional<ConfigObject>> cashew =
        Key.required(
            "cashew", Kinds.object("an object: cashew { pools.NAME { … } }"), Optional.empty(), "");
    Section whole = new Section(file, "", List.of(cashew), this::fileName, problems);
    whole.refuseUnknownKeys();
    Optional<ConfigObject> top = whole.get(cashew);
    if (top.isEmpty()) {
      throw problems.exception();
    }
    Section root = whole.inside(top.get(), "cashew", HoconKeys.ROOT);
    root.refuseUnknownKeys();
    Optional<Address> admin = root.get(HoconKeys.ADMIN_LISTEN);
    AdminSettings adminSettings = admin(root, admin);
    long memoryLimit = root.get(HoconKeys.MEMORY_LIMIT);
    if (root.has(HoconKeys.MEMORY_LIMIT)) {
      MemoryBudget.ofProcess()
          .problem(memoryLimit)
          .ifPresent(text -> root.report(HoconKeys.MEMORY_LIMIT, text));
    }
    return new Settings(
        new WorkerSettings(
            root.get(HoconKeys.WORKERS),
            root.get(HoconKeys.CLIENTS_TOGETHER),
            root.get(HoconKeys.TRANSPORT)),
        adminSettings,
        memoryLimit,
        new DrainSettings(root.get(HoconKeys.DRAIN_DELAY), root.get(HoconKeys.DRAIN_TIMEOUT)),
        root.get(HoconKeys.RELOAD_WATCH_FILE),
        root.get(HoconKeys.TAKE_OVER_SOCKET),
        root.get(HoconKeys.LOG_FORMAT),
        pools(root, admin));
  }

  private static AdminSettings admin(Section root, Optional<Address> listen) {
    Optional<Secret> token = root.get(HoconKeys.ADMIN_TOKEN);
    if (root.get(HoconKeys.ADMIN_PROTECTED_MODE)
        && token.isEmpty()
        && listen.isPresent()
        && Exposure.of(listen.get()) == Exposure.OTHER_MACHINES) {
      root.report(
          HoconKeys.ADMIN_LISTEN,
          "'"
              + listen.get().text()
              + "' can be reached by other machines, and anybody may use it: write admin.token too,"
              + " or listen on 127.0.0.1, or write admin.protected-mode = false if only trusted"
              + " machines reach it");
    }
    return new AdminSettings(listen, token);
  }

  private List<PoolSettings> pools(Section root, Optional<Address> admin) {
    Optional<ConfigObject> object = root.get(HoconKeys.POOLS);
    if (object.isEmpty()) {
      return List.of();
    }
    if (object.get().isEmpty()) {
      root.report(HoconKeys.POOLS, "has no pools: a proxy needs one to listen");
    }
    // An object of HOCON has no order of its own: the lines have.
    List<Map.Entry<String, ConfigValue>> entries = new ArrayList<>(object.get().entrySet());
    entries.sort(
        Comparator.<Map.Entry<String, ConfigValue>>comparingInt(
                entry -> entry.getValue().origin().lineNumber())
            .thenComparing(Map.Entry::getKey));
    PoolChecks.Listeners listeners = new PoolChecks.Listeners(admin);
    List<PoolSettings> pools = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> entry : entries) {
      String path = "cashew.pools." + ConfigUtil.joinPath(entry.getKey());
      if (entry.getValue() instanceof ConfigObject pool) {
        Section section = root.inside(pool, path, HoconKeys.POOL);
        Optional<String> half = section.nameWithoutQuotes(entry.getKey());
        if (half.isPresent()) {
          section.report(section.self(), "", half.get());
          continue;
        }
        section.refuseUnknownKeys();
        PoolSettings settings = pool(entry.getKey(), section);
        pools.add(settings);
        listeners
            .claim(settings.name(), settings.listen())
            .ifPresent(taken -> section.report(HoconKeys.LISTEN, taken));
      } else {
        root.report(
            entry.getValue(),
            "pools." + ConfigUtil.joinPath(entry.getKey()),
            "must be an object { listen, nodes, … }, not " + Kinds.typeName(entry.getValue()));
      }
    }
    return pools;
  }

  private PoolSettings pool(String name, Section section) {
    int before = problems.count();
    try {
      AddressText.name(name);
    } catch (BadValue wrong) {
      section.report(section.self(), "", "the pool " + wrong.text());
    }
    DistributionFactory distribution = section.get(HoconKeys.DISTRIBUTION);
    boolean slots = distribution.name().equals(SLOTS_DISTRIBUTION);
    Optional<Secret> password = section.get(HoconKeys.PASSWORD);
    Address listen = section.get(HoconKeys.LISTEN);
    List<DeclaredCommand> commands = CommandsReader.read(section);
    PoolSettings pool =
        new PoolSettings(
            name,
            listen,
            nodes(section, slots),
            new PlacementSettings(
                hash(section, slots),
                hashTag(section, slots),
                distribution,
                section.get(HoconKeys.POINTS_PER_NODE)),
            new NodeConnections(
                section.get(HoconKeys.TIMEOUT),
                section.get(HoconKeys.CONNECTIONS_PER_NODE),
                section.get(HoconKeys.PRECONNECT),
                section.get(HoconKeys.DATABASE),
                section.get(HoconKeys.NODE_TCP_KEEPALIVE),
                section.get(HoconKeys.RETRY_READS)),
            new HealthSettings(
                section.get(HoconKeys.FAILURE_LIMIT),
                section.get(HoconKeys.RETRY_AFTER),
                new EjectSettings(
                    section.get(HoconKeys.EJECT_ENABLED),
                    section.get(HoconKeys.EJECT_MAX),
                    section.get(HoconKeys.EJECT_RING))),
            new AuthSettings(
                password,
                UserReader.read(section, DeclaredCommand.table(commands)),
                nodeAuth(section, password)),
            new CommandSettings(section.get(HoconKeys.ADMIN_COMMANDS), commands),
            new ClientConnections(
                section.get(HoconKeys.BACKLOG),
                section.get(HoconKeys.TCP_KEEPALIVE),
                section.get(HoconKeys.LIMIT_PER_ADDRESS),
                section.get(HoconKeys.LIMIT_IDLE),
                section.get(HoconKeys.LIMIT_SLOW_REQUEST),
                section.get(HoconKeys.LIMIT_FAILED_AUTH)),
            limits(section),
            TlsReader.read(section, listen),
            new InsightSettings(
                section.get(HoconKeys.SLOWLOG_SLOWER_THAN),
                section.get(HoconKeys.SLOWLOG_MAX_LEN),
                section.get(HoconKeys.LOG_KEYS),
                section.get(HoconKeys.HOT_KEYS_SAMPLE),
                section.get(HoconKeys.HOT_KEYS_LABEL),
                section.get(HoconKeys.BIG_KEYS_LARGER_THAN),
                section.get(HoconKeys.ACCESS_LOG_FILE)));
    boolean sound = problems.count() == before;
    if (sound) {
      refuseItself(section, pool);
    }
    if (sound && section.get(HoconKeys.PROTECTED_MODE) && Exposure.isOpenDoor(pool)) {
      section.report(
          HoconKeys.LISTEN,
          "'"
              + listen.text()
              + "' can be reached by other machines, and anybody may use it: write auth.password too,"
              + " or listen on 127.0.0.1, or write protected-mode = false if only trusted machines"
              + " reach it");
    }
    // Nodes that have a problem of their own would only be told of it twice.
    if (problems.count() == before) {
      PoolChecks.spread(pool).ifPresent(text -> section.report(HoconKeys.NODES, text));
    }
    return pool;
  }

  private static void refuseItself(Section section, PoolSettings pool) {
    List<ConfigValue> values =
        section.get(HoconKeys.NODES).map(List::<ConfigValue>copyOf).orElse(List.of());
    for (int i = 0; i < values.size(); i++) {
      ConfigValue value = values.get(i);
      String path = nodePath(i);
      MeetingAddresses.self(pool.listen(), pool.nodes().get(i).address())
          .ifPresent(text -> section.report(value, path, text));
    }
  }

  private static HashFunction hash(Section section, boolean slots) {
    HashFunction hash = section.get(HoconKeys.HASH);
    if (!slots) {
      return hash;
    }
    HashFunction implied = HashFunctions.byName(SLOTS_HASH);
    if (section.has(HoconKeys.HASH) && !hash.name().equals(SLOTS_HASH)) {
      section.report(
          HoconKeys.HASH,
          "must be "
              + SLOTS_HASH
              + " with distribution = slots, not '"
              + hash.name()
              + "': the slot of a key in Redis Cluster is its CRC16 modulo 16384");
    }
    return implied;
  }

  private static Optional<HashTag> hashTag(Section section, boolean slots) {
    return slots && !section.has(HoconKeys.HASH_TAG)
        ? Optional.of(HashTag.of("{}"))
        : section.get(HoconKeys.HASH_TAG);
  }

  private static Optional<NodeAuth> nodeAuth(Section section, Optional<Secret> client) {
    if (!section.has(HoconKeys.NODE_AUTH)) {
      return client.map(password -> new NodeAuth(Optional.empty(), password));
    }
    if (!(section.placeOf(HoconKeys.NODE_AUTH) instanceof ConfigObject)) {
      // Reports anything but the word none.
      section.get(HoconKeys.NODE_AUTH);
      return Optional.empty();
    }
    Optional<String> username = section.get(HoconKeys.NODE_AUTH_USERNAME);
    Optional<Secret> password = section.get(HoconKeys.NODE_AUTH_PASSWORD);
    if (password.isEmpty() && !section.has(HoconKeys.NODE_AUTH_PASSWORD)) {
      section.report(HoconKeys.NODE_AUTH, "has no password: add one, or write node-auth = none");
    }
    return password.map(given -> new NodeAuth(username, given));
  }

  private static LimitSettings limits(Section section) {
    LimitSettings limits =
        new LimitSettings(
            section.get(HoconKeys.LIMIT_CLIENTS),
            section.get(HoconKeys.LIMIT_IN_FLIGHT),
            section.get(HoconKeys.LIMIT_UNSENT),
            section.get(HoconKeys.LIMIT_UNSENT_HARD),
            section.get(HoconKeys.LIMIT_UNSENT_NODE),
            section.get(HoconKeys.LIMIT_BULK),
            section.get(HoconKeys.LIMIT_ARGUMENTS),
            section.get(HoconKeys.LIMIT_GATHERED),
            section.get(HoconKeys.LIMIT_DATABASES),
            section.get(HoconKeys.LIMIT_PINNED),
            section.get(HoconKeys.LIMIT_UNSENT_SUBSCRIBER));
    if (limits.unsentPerClientHard() < limits.unsentPerClient()) {
      section.report(
          section.has(HoconKeys.LIMIT_UNSENT_HARD)
              ? HoconKeys.LIMIT_UNSENT_HARD
              : HoconKeys.LIMIT_UNSENT,
          "limits.unsent-per-client-hard ("
              + Kinds.sizeText(limits.unsentPerClientHard())
              + ") must not be below limits.unsent-per-client ("
              + Kinds.sizeText(limits.unsentPerClient())
              + "): clients would be closed before they are held back");
    }
    return limits;
  }

  private List<NodeSettings> nodes(Section section, boolean slots) {
    Optional<ConfigList> list = section.get(HoconKeys.NODES);
    if (list.isPresent() && list.get().isEmpty()) {
      section.report(HoconKeys.NODES, "has no nodes: a pool needs one to send keys to");
    }
    PoolChecks.Names names = new PoolChecks.Names();
    List<NodeSettings> nodes = new ArrayList<>();
    int index = 0;
    for (ConfigValue value : list.map(List::<ConfigValue>copyOf).orElse(List.of())) {
      String path = nodePath(index);
      try {
        NodeSettings node = node(value, section, slots, index);
        nodes.add(node);
        if (!node.address().equals(Kinds.NO_ADDRESS)) {
          names
              .claim(node.name(), value.origin().lineNumber())
              .ifPresent(text -> section.report(value, path, text));
        }
      } catch (BadValue wrong) {
        section.report(value, path, wrong.text());
      }
      index++;
    }
    return nodes;
  }

  private static String nodePath(int index) {
    return HoconKeys.NODES.name() + "[" + index + "]";
  }

  private NodeSettings node(ConfigValue value, Section pool, boolean slots, int index)
      throws BadValue {
    if (!(value instanceof ConfigObject object)) {
      AddressText.Node node =
          AddressText.nodeWithWeight(
              Kinds.scalar(value, "\"host:port[:weight] [name]\" or an object"));
      return new NodeSettings(
          node.name().orElseGet(() -> AddressText.defaultName(node.address())),
          node.address(),
          node.weight(),
          List.of());
    }
    Section section = pool.inside(object, pool.path() + "." + nodePath(index), HoconKeys.NODE);
    section.refuseUnknownKeys();
    Address address = section.get(HoconKeys.NODE_ADDRESS);
    return new NodeSettings(
        section.get(HoconKeys.NODE_NAME).orElseGet(() -> AddressText.defaultName(address)),
        address,
        section.get(HoconKeys.NODE_WEIGHT),
        slotRanges(section, slots));
  }

  private static List<SlotRange> slotRanges(Section section, boolean slots) {
    Optional<ConfigList> list = section.get(HoconKeys.NODE_SLOTS);
    if (list.isPresent() && !slots) {
      section.report(
          HoconKeys.NODE_SLOTS, "needs distribution = slots: other distributions have no slots");
    }
    if (list.isPresent() && list.get().isEmpty()) {
      section.report(HoconKeys.NODE_SLOTS, "has no slots: leave the key out for an even split");
    }
    List<SlotRange> ranges = new ArrayList<>();
    for (ConfigValue value : list.map(List::<ConfigValue>copyOf).orElse(List.of())) {
      try {
        ranges.add(slotRange(Kinds.scalar(value, "a slot or a range of slots")));
      } catch (BadValue wrong) {
        section.report(value, HoconKeys.NODE_SLOTS.name(), wrong.text());
      }
    }
    return ranges;
  }

  private static SlotRange slotRange(String text) throws BadValue {
    Matcher matcher = SLOTS.matcher(text);
    if (matcher.matches()) {
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first <= last && last <= LAST_SLOT) {
        return new SlotRange(first, last);
      }
    }
    throw Kinds.mustBe("a slot from 0 to " + LAST_SLOT + " or a rising range such as 0-5460", text);
  }
}
