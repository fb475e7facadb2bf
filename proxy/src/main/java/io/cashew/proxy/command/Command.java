package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of the command table: what Redis publishes of a command, and what Cashew does with it.
 * Immutable, shared by all threads.
 *
 * <p>A container ({@code CLIENT}) is a row with subcommands ({@code client|setname}), which are
 * rows of their own; their arity and key indexes count the container's name as argument 0.
 */
public final class Command {
  /** The id of a row that no table has taken in. */
  static final int NO_ID = -1;

  /** The group of commands of which no more is known than is declared. */
  private static final String DECLARED = "module";

  /** Groups of commands on types for whose keys no command waits. */
  private static final Set<String> TYPES_WITHOUT_WAITERS =
      Set.of("string", "hash", "set", "bitmap", "hyperloglog");

  private final String name;
  private final int id;
  private final int arity;
  private final Kind kind;
  private final String group;
  private final List<KeySpec> keySpecs;
  private final KeyRange simpleKeys;
  private final boolean hasMovableKeys;
  private final boolean hasOneKey;
  private final boolean hasChannels;
  private final int argcMin;
  private final int argcMax;
  private final int takesMax;
  private final boolean hasPairs;
  private final Set<CommandFlag> flags;
  private final Set<Property> properties;
  private final Set<AclCategory> aclCategories;
  private final RequestPolicy requestPolicy;
  private final ResponsePolicy responsePolicy;
  private final Set<OutputTip> outputTips;
  private final @Nullable String why;
  private final @Nullable BlocksOn blocksOn;
  private final boolean listsSubcommands;
  private final @Nullable BlocksFor blocksFor;
  private final boolean alone;
  private final boolean sentAtConnect;
  private final boolean onlyReads;
  private final boolean runsScript;
  private final boolean mayServeWaiters;
  private final NameTable subcommands;
  private final CommandBuilder row;

  Command(CommandBuilder row, int arity, int id, NameTable subcommands) {
    name = row.name;
    this.id = id;
    this.arity = arity;
    kind = row.kind;
    group = row.group;
    keySpecs = row.keySpecs;
    KeyRange range = KeyRange.ofKeys(keySpecs);
    simpleKeys = range == null ? KeyRange.NONE : range;
    hasMovableKeys = range == null;
    hasOneKey = simpleKeys.first() > 0 && simpleKeys.last() == simpleKeys.first();
    hasChannels = keySpecs.stream().anyMatch(spec -> spec.flags().contains(KeyFlag.NOT_KEY));
    argcMin = Math.abs(arity);
    argcMax = arity < 0 ? Integer.MAX_VALUE : arity;
    takesMax = isJudgedByNode(kind, name) ? Integer.MAX_VALUE : argcMax;
    hasPairs = simpleKeys.step() == 2 && !row.flags.contains(CommandFlag.MODULE);
    flags = Collections.unmodifiableSet(row.flagsOf(hasMovableKeys));
    properties = Collections.unmodifiableSet(EnumSet.copyOf(row.properties));
    aclCategories = Collections.unmodifiableSet(row.aclCategoriesOf());
    requestPolicy = row.requestPolicy;
    responsePolicy = row.responsePolicy;
    outputTips = Collections.unmodifiableSet(row.outputTips);
    why = row.why;
    blocksOn = row.blocksOn;
    listsSubcommands = row.listsSubcommands;
    blocksFor = row.blocksFor;
    alone = row.alone;
    sentAtConnect = row.sentAtConnect;
    onlyReads = flags.contains(CommandFlag.READONLY);
    runsScript = flags.contains(CommandFlag.NO_MANDATORY_KEYS);
    mayServeWaiters = servesWaiters();
    this.subcommands = subcommands;
    this.row = row;
  }

  private boolean servesWaiters() {
    if (properties.contains(Property.SERVES_WAITERS) || (runsScript && !onlyReads)) {
      return true;
    }
    if (!flags.contains(CommandFlag.WRITE) || TYPES_WITHOUT_WAITERS.contains(group)) {
      return false;
    }
    return group.equals(DECLARED)
        || keySpecs.stream()
            .map(KeySpec::flags)
            .anyMatch(of -> of.contains(KeyFlag.INSERT) || of.contains(KeyFlag.UPDATE));
  }

  /**
   * A command of a module or of a newer Redis, which is forwarded to the node of its keys.
   *
   * @param name as clients send it; {@code container|subcommand} for a subcommand
   * @param arity as Redis counts: negative means at least so many arguments, the name included
   * @param firstKey index of the first key; 0 if the command has none
   * @param lastKey index of the last key; negative counts from the end
   * @param keyStep arguments from one key to the next
   * @throws IllegalArgumentException if these contradict each other
   */
  public static Command ofModule(
      String name, int arity, int firstKey, int lastKey, int keyStep, boolean writes) {
    KeyFlag use = writes ? KeyFlag.RW : KeyFlag.RO;
    CommandBuilder row =
        new CommandBuilder(name.toLowerCase(Locale.ROOT), arity, Kind.FORWARD, DECLARED);
    row.keySpecs = firstKey == 0 ? KeySpec.none() : KeySpec.keys(firstKey, lastKey, keyStep, use);
    row.add(writes ? CommandFlag.WRITE : CommandFlag.READONLY);
    row.add(CommandFlag.MODULE);
    if (firstKey < 0 || (firstKey > 0 && (keyStep < 1 || (lastKey >= 0 && lastKey < firstKey)))) {
      throw new IllegalArgumentException(
          "command '%s': no keys from %d to %d by %d; count from 1, a negative last key from the end"
              .formatted(name, firstKey, lastKey, keyStep));
    }
    return row.build();
  }

  /** As Redis publishes it: lower case, {@code container|subcommand} for a subcommand. */
  public String name() {
    return name;
  }

  /** A small number that is its own among the rows of a {@link CommandTable}. */
  public int id() {
    return id;
  }

  /** As Redis counts: the name is an argument; negative means at least so many. */
  public int arity() {
    return arity;
  }

  /** Whether a request of so many arguments, the name included, is one by this row's arity. */
  public boolean arityMatches(int argc) {
    return argc >= argcMin && argc <= argcMax && (!hasPairs || (argc & 1) != 0);
  }

  /**
   * Whether a request of so many arguments is taken. More of them than the arity says are the
   * node's to refuse if the node carries the command out: a newer one may know what they mean.
   */
  public boolean takes(int argc) {
    return argc >= argcMin && argc <= takesMax && (!hasPairs || (argc & 1) != 0);
  }

  /** {@code WAIT} and {@code WAITAOF} are read here, as are those that are answered here. */
  private static boolean isJudgedByNode(Kind kind, String name) {
    return switch (kind) {
      case LOCAL, TRANSACTION -> false;
      case BLOCKING -> !name.startsWith("wait");
      case FORWARD, SPLIT, KEYSPACE, ONE_NODE, ADMIN, PUBSUB, REFUSED -> true;
    };
  }

  /** Whether it changes nothing, so that it may be sent twice. */
  public boolean onlyReads() {
    return onlyReads;
  }

  /** Whether any server that has a copy of its keys may answer it. */
  public boolean anyCopyAnswers() {
    return onlyReads && !properties.contains(Property.OF_ONE_COPY);
  }

  /** Whether it runs a script or a function. */
  public boolean runsScript() {
    return runsScript;
  }

  /**
   * Whether it may give a key what a blocking command waits for: it adds to a list, a sorted set or
   * a stream, brings a key from elsewhere, or nobody can tell.
   */
  public boolean mayServeWaiters() {
    return mayServeWaiters;
  }

  /** Whether it may begin only when its client is owed no reply, whatever its kind. */
  public boolean isAlone() {
    return alone;
  }

  /** Whether libraries send it as they connect, and take an error for an answer. */
  public boolean isSentAtConnect() {
    return sentAtConnect;
  }

  /** What Cashew does with it, whatever its arguments. */
  public Kind kind() {
    return kind;
  }

  /** What Cashew does with this request: a {@code XREAD} without {@code BLOCK} is forwarded. */
  public Kind kind(RequestFrame frame) {
    return blocksOn == null || blocksOn.find(frame) > 0 ? kind : Kind.FORWARD;
  }

  /** Where a request of kind {@link Kind#BLOCKING} says how long it may wait at its node. */
  public BlocksFor blocksFor(RequestFrame frame) {
    if (blocksOn != null) {
      return BlocksFor.millis(blocksOn.find(frame) + 1);
    }
    return blocksFor == null ? BlocksFor.NOTHING : blocksFor;
  }

  /** Index of the first key if all keys are at fixed places; 0 if not, or if there are none. */
  public int firstKey() {
    return simpleKeys.first();
  }

  /** Index of the last key; negative counts from the end: -1 is the last argument. */
  public int lastKey() {
    return simpleKeys.last();
  }

  /** Arguments from one key to the next. */
  public int keyStep() {
    return simpleKeys.step();
  }

  /** Whether it has one key, at {@link #firstKey}: most commands. */
  public boolean hasOneKey() {
    return hasOneKey;
  }

  /** Whether only {@link #keys} knows where the keys are. */
  public boolean hasMovableKeys() {
    return hasMovableKeys;
  }

  /**
   * Finds the keys of a request whose arity matches.
   *
   * @return false if the request is malformed: {@link KeyPositions#error} is then the answer
   */
  public boolean keys(RequestFrame frame, KeyPositions out) {
    return find(frame, out, false);
  }

  /** Whether some arguments are channels. */
  public boolean hasChannels() {
    return hasChannels;
  }

  /** Finds the channels (or channel patterns) of a request whose arity matches. */
  public boolean channels(RequestFrame frame, KeyPositions out) {
    return find(frame, out, true);
  }

  private boolean find(RequestFrame frame, KeyPositions out, boolean channels) {
    out.clear();
    for (int i = 0; i < keySpecs.size(); i++) {
      KeySpec spec = keySpecs.get(i);
      if (spec.flags().contains(KeyFlag.NOT_KEY) == channels && !spec.find(name, frame, out)) {
        return false;
      }
    }
    return true;
  }

  /** Where the keys are. */
  public List<KeySpec> keySpecs() {
    return keySpecs;
  }

  /** Whether the row has a flag. */
  public boolean has(CommandFlag flag) {
    return flags.contains(flag);
  }

  /** Whether the row has a property. */
  public boolean has(Property property) {
    return properties.contains(property);
  }

  /** Redis's flags. */
  public Set<CommandFlag> flags() {
    return flags;
  }

  /** Redis's ACL categories. */
  public Set<AclCategory> aclCategories() {
    return aclCategories;
  }

  /** Which nodes must get it. */
  public RequestPolicy requestPolicy() {
    return requestPolicy;
  }

  /** How the replies of several nodes become one. */
  public ResponsePolicy responsePolicy() {
    return responsePolicy;
  }

  /** How its output varies. */
  public Set<OutputTip> outputTips() {
    return outputTips;
  }

  /** Redis's group: string, generic, sorted-set … */
  public String group() {
    return group;
  }

  /** Why it is treated so; one sentence without a full stop. Null if its kind says it all. */
  public @Nullable String why() {
    return why;
  }

  /** What it does, in a sentence of Redis's documentation; null if Redis does not have it. */
  public @Nullable String summary() {
    CommandDocs docs = CommandDocs.of(this);
    return docs == null ? null : docs.summary();
  }

  /**
   * The version of Redis that brought it, {@code 6.2.0}; null for a command that is not of Redis.
   */
  public @Nullable String since() {
    CommandDocs docs = CommandDocs.of(this);
    return docs == null ? null : docs.since();
  }

  /** Whether it has subcommands. */
  public boolean isContainer() {
    return !subcommands.isEmpty();
  }

  /** The subcommands in the order of their names. */
  public Collection<Command> subcommands() {
    return subcommands.commands();
  }

  /**
   * Whether Redis publishes the subcommands. Those that it does not publish are shapes of requests
   * of this command which are treated in another way: see {@link CommandTable#findSubcommand}.
   */
  public boolean listsSubcommands() {
    return listsSubcommands;
  }

  /** The subcommands that Redis publishes. */
  Collection<Command> listedSubcommands() {
    return listsSubcommands ? subcommands() : List.of();
  }

  @Nullable Command subcommand(ByteBuf buf, int offset, int length) {
    return subcommands.find(buf, offset, length);
  }

  Command withSubcommands(Collection<Command> rows) {
    return new Command(
        row, arity, id, NameTable.of(rows, sub -> sub.name.substring(name.length() + 1)));
  }

  /** This row as a table has it, which must not have one of that id. */
  Command withId(int newId) {
    return new Command(row, arity, newId, subcommands);
  }

  /** This row with another arity, as servers have it that are older or newer. */
  public Command withArity(int other) {
    return other == arity ? this : new Command(row, other, id, subcommands);
  }

  @Override
  public String toString() {
    return name;
  }
}
