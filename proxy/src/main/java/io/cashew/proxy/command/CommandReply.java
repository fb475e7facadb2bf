package io.cashew.proxy.command;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Writes rows as the replies of {@code COMMAND}, {@code COMMAND INFO} and {@code COMMAND DOCS} show
 * them. Belongs to one reply: made for it, used by one thread. Borrows the buffer.
 */
public final class CommandReply {
  private final ByteBuf out;
  private final boolean isResp3;

  /**
   * @param isResp3 whether the client speaks RESP3, which has maps and sets
   */
  public CommandReply(ByteBuf out, boolean isResp3) {
    this.out = out;
    this.isResp3 = isResp3;
  }

  /** The ten elements of a command in {@code COMMAND} and {@code COMMAND INFO}. */
  public void entry(Command command) {
    KeyRange range = KeyRange.published(command.keySpecs());
    header('*', 10);
    bulk(command.name());
    integer(command.arity());
    set(command.flags().size());
    command.flags().forEach(flag -> simple(flag.word()));
    integer(range.first());
    integer(range.last());
    integer(range.step());
    set(command.aclCategories().size());
    command.aclCategories().forEach(category -> simple("@" + category.word()));
    bulks(tips(command));
    List<PublishedKeySpec> specs =
        command.keySpecs().stream().flatMap(spec -> spec.published().stream()).toList();
    header('*', specs.size());
    specs.forEach(this::keySpec);
    Collection<Command> subcommands = command.listedSubcommands();
    header('*', subcommands.size());
    subcommands.forEach(this::entry);
  }

  /** The name of a command and its documentation: one pair of {@code COMMAND DOCS}'s map. */
  public void docs(Command command) {
    CommandDocs docs = CommandDocs.of(command);
    String module = ModuleCommands.moduleOf(command);
    Collection<Command> subcommands = command.listedSubcommands();
    boolean hasSubcommands = !subcommands.isEmpty();
    bulk(command.name());
    map(1 + (docs == null ? 0 : 2) + (module == null ? 0 : 1) + (hasSubcommands ? 1 : 0));
    if (docs != null) {
      bulks("summary", docs.summary(), "since", docs.since());
    }
    bulks("group", command.has(CommandFlag.MODULE) ? "module" : command.group());
    if (module != null) {
      bulks("module", module);
    }
    if (hasSubcommands) {
      bulk("subcommands");
      map(subcommands.size());
      subcommands.forEach(this::docs);
    }
  }

  /** The header of a map of so many pairs: {@code COMMAND DOCS} is one. */
  public void map(int pairs) {
    header(isResp3 ? '%' : '*', isResp3 ? pairs : pairs * 2);
  }

  /** The header of an array. */
  public void array(int elements) {
    header('*', elements);
  }

  /** The header of a set, which RESP2 has as an array. */
  public void set(int elements) {
    header(isResp3 ? '~' : '*', elements);
  }

  /** What a command does with a key. */
  public void flags(Set<KeyFlag> flags) {
    set(flags.size());
    flags.forEach(flag -> simple(flag.word()));
  }

  private static List<String> tips(Command command) {
    List<String> tips = new ArrayList<>();
    command.outputTips().forEach(tip -> tips.add(tip.tip()));
    if (command.requestPolicy() != RequestPolicy.DEFAULT) {
      tips.add(command.requestPolicy().tip());
    }
    if (command.responsePolicy().isPublished()) {
      tips.add(command.responsePolicy().tip());
    }
    return tips;
  }

  private void keySpec(PublishedKeySpec spec) {
    map(3);
    bulk("flags");
    flags(spec.flags());
    step("begin_search", spec.begin(), spec.beginSpec());
    step("find_keys", spec.find(), spec.findSpec());
  }

  private void step(String name, String type, List<Object> details) {
    bulk(name);
    map(2);
    bulks("type", type);
    bulk("spec");
    map(details.size() / 2);
    for (Object detail : details) {
      if (detail instanceof Integer number) {
        integer(number);
      } else {
        bulk(detail.toString());
      }
    }
  }

  private void bulks(List<String> texts) {
    header('*', texts.size());
    texts.forEach(this::bulk);
  }

  private void bulks(String... texts) {
    for (String text : texts) {
      bulk(text);
    }
  }

  private void bulk(String text) {
    header('$', ByteBufUtil.utf8Bytes(text));
    ByteBufUtil.writeUtf8(out, text);
    end();
  }

  /** A simple string. */
  public void simple(String text) {
    out.writeByte('+');
    ByteBufUtil.writeAscii(out, text);
    end();
  }

  private void integer(int value) {
    header(':', value);
  }

  private void header(char type, int value) {
    out.writeByte(type);
    ByteBufUtil.writeAscii(out, Integer.toString(value));
    end();
  }

  private void end() {
    out.writeByte('\r').writeByte('\n');
  }
}
