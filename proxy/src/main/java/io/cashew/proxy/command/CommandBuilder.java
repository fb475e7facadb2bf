package io.cashew.proxy.command;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row while it is written down; nobody changes it once it is built. */
final class CommandBuilder {
  final String name;
  final int arity;
  final Kind kind;
  final String group;
  List<KeySpec> keySpecs = List.of();
  private @Nullable AclCategory familyCategory;
  final EnumSet<CommandFlag> flags = EnumSet.noneOf(CommandFlag.class);
  final EnumSet<Property> properties = EnumSet.noneOf(Property.class);
  private final EnumSet<AclCategory> aclCategories = EnumSet.noneOf(AclCategory.class);
  final EnumSet<OutputTip> outputTips = EnumSet.noneOf(OutputTip.class);
  RequestPolicy requestPolicy = RequestPolicy.DEFAULT;
  ResponsePolicy responsePolicy = ResponsePolicy.DEFAULT;
  @Nullable String why;
  @Nullable BlocksOn blocksOn;
  boolean listsSubcommands = true;
  @Nullable BlocksFor blocksFor;
  boolean alone;
  boolean sentAtConnect;

  CommandBuilder(String name, int arity, Kind kind, String group) {
    this.name = name;
    this.arity = arity;
    this.kind = kind;
    this.group = group;
  }

  CommandBuilder keys(List<KeySpec> keySpecs) {
    this.keySpecs = keySpecs;
    return this;
  }

  /** The ACL category of its family, for rows that name none themselves. */
  CommandBuilder familyCategory(@Nullable AclCategory category) {
    familyCategory = category;
    return this;
  }

  CommandBuilder add(Trait... traits) {
    Arrays.stream(traits).forEach(this::add);
    return this;
  }

  void add(Trait trait) {
    if (trait instanceof CommandFlag flag) {
      flags.add(flag);
    } else if (trait instanceof Property property) {
      properties.add(property);
    } else if (trait instanceof AclCategory category) {
      aclCategories.add(category);
    } else if (trait instanceof OutputTip tip) {
      outputTips.add(tip);
    } else if (trait instanceof RequestPolicy policy) {
      requestPolicy = policy;
    } else if (trait instanceof ResponsePolicy policy) {
      responsePolicy = policy;
    } else if (trait instanceof Why reason) {
      why = reason.text();
    } else if (trait instanceof BlocksOn keyword) {
      blocksOn = keyword;
    } else if (trait == Subcommands.UNLISTED) {
      listsSubcommands = false;
    } else if (trait == Order.ALONE) {
      alone = true;
    } else if (trait == Sent.AT_CONNECT) {
      sentAtConnect = true;
    } else if (trait instanceof BlocksFor time) {
      blocksFor = time;
    }
  }

  EnumSet<CommandFlag> flagsOf(boolean hasMovableKeys) {
    EnumSet<CommandFlag> all = EnumSet.copyOf(flags);
    if (hasMovableKeys) {
      all.add(CommandFlag.MOVABLEKEYS);
    }
    return all;
  }

  /** The categories that are said, and those that Redis concludes from the flags. */
  EnumSet<AclCategory> aclCategoriesOf() {
    EnumSet<AclCategory> all = EnumSet.copyOf(aclCategories);
    if (all.isEmpty() && familyCategory != null) {
      all.add(familyCategory);
    }
    if (flags.contains(CommandFlag.WRITE)) {
      all.add(AclCategory.WRITE);
    }
    if (flags.contains(CommandFlag.READONLY) && !all.contains(AclCategory.SCRIPTING)) {
      all.add(AclCategory.READ);
    }
    if (flags.contains(CommandFlag.ADMIN)) {
      all.add(AclCategory.ADMIN);
      all.add(AclCategory.DANGEROUS);
    }
    if (flags.contains(CommandFlag.PUBSUB)) {
      all.add(AclCategory.PUBSUB);
    }
    if (flags.contains(CommandFlag.BLOCKING)) {
      all.add(AclCategory.BLOCKING);
    }
    all.add(flags.contains(CommandFlag.FAST) ? AclCategory.FAST : AclCategory.SLOW);
    return all;
  }

  /**
   * @throws IllegalArgumentException if the row contradicts itself
   */
  Command build() {
    if (!name.matches("[!-~&&[^A-Z|*]]+(\\|[!-~&&[^A-Z|*]]+)?")) {
      throw new IllegalArgumentException("command '" + name + "': not a command's name");
    }
    if (arity == 0) {
      throw new IllegalArgumentException(
          "command '" + name + "': arity 0; the name itself is an argument");
    }
    if ((kind == Kind.REFUSED || kind == Kind.ONE_NODE) && why == null) {
      throw new IllegalArgumentException("command '" + name + "': refused, but why?");
    }
    Command row = new Command(this, arity, Command.NO_ID, NameTable.EMPTY);
    if (Math.abs(arity) <= Math.max(row.firstKey(), row.lastKey()) && row.firstKey() > 0) {
      throw new IllegalArgumentException(
          "command '%s': arity %d lets a request end before key %d"
              .formatted(name, arity, Math.max(row.firstKey(), row.lastKey())));
    }
    return row;
  }
}
