package io.cashew.proxy.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the rows of one of Redis's groups of commands; a method a kind. Start-up only. */
final class CommandFamily {
  private final String group;
  private final @Nullable AclCategory category;
  private final List<CommandBuilder> rows = new ArrayList<>();

  /** A family whose rows have no ACL category in common. */
  CommandFamily(String group) {
    this(group, null);
  }

  /**
   * @param category the ACL category of every row that names none itself
   */
  CommandFamily(String group, @Nullable AclCategory category) {
    this.group = group;
    this.category = category;
  }

  CommandFamily forward(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.FORWARD, name, arity, keys, traits);
  }

  CommandFamily split(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.SPLIT, name, arity, keys, traits);
  }

  CommandFamily keyspace(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.KEYSPACE, name, arity, keys, traits);
  }

  /** Must be followed by {@link #because}. */
  CommandFamily oneNode(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.ONE_NODE, name, arity, keys, traits);
  }

  CommandFamily transaction(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.TRANSACTION, name, arity, keys, traits);
  }

  CommandFamily blocking(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.BLOCKING, name, arity, keys, traits);
  }

  CommandFamily pubsub(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.PUBSUB, name, arity, keys, traits);
  }

  CommandFamily local(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.LOCAL, name, arity, keys, traits);
  }

  CommandFamily admin(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.ADMIN, name, arity, keys, traits);
  }

  /** Must be followed by {@link #because}, or say {@link Why#NO_CLUSTER}. */
  CommandFamily refused(String name, int arity, List<KeySpec> keys, Trait... traits) {
    return row(Kind.REFUSED, name, arity, keys, traits);
  }

  /** A name that is a command only together with its subcommands, which are rows of their own. */
  CommandFamily container(String name, int arity) {
    rows.add(new CommandBuilder(name, arity, Kind.LOCAL, group));
    return because("Only its subcommands are commands");
  }

  private CommandFamily row(
      Kind kind, String name, int arity, List<KeySpec> keys, Trait... traits) {
    rows.add(
        new CommandBuilder(name, arity, kind, group)
            .keys(keys)
            .familyCategory(category)
            .add(traits));
    return this;
  }

  /** Continues the last row. */
  CommandFamily and(Trait... traits) {
    rows.get(rows.size() - 1).add(traits);
    return this;
  }

  /** Why the last row is treated so: one sentence without a full stop. */
  CommandFamily because(String why) {
    return and(new Why(why));
  }

  List<Command> rows() {
    return rows.stream().map(CommandBuilder::build).toList();
  }
}
