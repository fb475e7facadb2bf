package io.cashew.proxy.route.computed;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.route.gather.Merger;
import io.cashew.proxy.route.gather.NodeReplies;
import io.cashew.proxy.route.gather.Question;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command that reads several keys and can be computed of what a node says of each of them alone.
 * Immutable.
 *
 * @param question asks a node for one key
 * @param computation makes the reply
 */
public record ComputedRead(Question question, Computation computation) {

  private static final Question SET = Question.of("*2\r\n$8\r\nSMEMBERS\r\n", "");

  /** Takes a set, too, whose scores are 1, as the commands do that are computed. */
  private static final Question SORTED_SET =
      Question.of("*4\r\n$6\r\nZUNION\r\n$1\r\n1\r\n", "$10\r\nWITHSCORES\r\n");

  private static final Question STRING = Question.of("*2\r\n$3\r\nGET\r\n", "");

  private static final Map<String, ComputedRead> ROWS =
      Map.ofEntries(
          Map.entry("sinter", of(SET, SetReads::intersection)),
          Map.entry("sunion", of(SET, SetReads::union)),
          Map.entry("sdiff", of(SET, SetReads::difference)),
          Map.entry("sintercard", of(SET, SetReads::intersectionSize)),
          Map.entry("zinter", of(SORTED_SET, SortedSetReads::intersection)),
          Map.entry("zunion", of(SORTED_SET, SortedSetReads::union)),
          Map.entry("zdiff", of(SORTED_SET, SortedSetReads::difference)),
          Map.entry("zintercard", of(SORTED_SET, SortedSetReads::intersectionSize)),
          Map.entry("pfcount", of(STRING, HyperLogLog::count)),
          Map.entry("lcs", of(STRING, CommonSubsequence::of)));

  /** Makes the reply. */
  interface Computation {
    /**
     * Computes.
     *
     * @param keys what nodes say of each key, in the order of the request
     * @param request its arguments, the command's name included; characters are bytes
     * @throws RefusedRead if that is an error
     * @throws IllegalArgumentException if a node has answered oddly
     */
    ReplyValue of(List<ReplyValue> keys, Arguments request, ComputeLimit limit);
  }

  private static ComputedRead of(Question question, Computation computation) {
    return new ComputedRead(question, computation);
  }

  /** Those of a table's commands by their ids; null: it is not computed. */
  public static @Nullable ComputedRead[] byId(CommandTable table) {
    @Nullable ComputedRead[] reads = new @Nullable ComputedRead[table.ids()];
    ROWS.forEach(
        (name, read) -> {
          Command command = table.find(name);
          if (command != null) {
            reads[command.id()] = read;
          }
        });
    return reads;
  }

  /** How a command is computed; null: it is not. */
  public static @Nullable ComputedRead of(Command command) {
    return ROWS.get(command.name());
  }

  /** Makes the reply of what nodes say, within a limit. */
  public Merger within(ComputeLimit limit, ReplyStyle style) {
    return (NodeReplies replies) -> {
      try {
        return computation.of(replies.values(), new Arguments(replies.arguments(), style), limit);
      } catch (RefusedRead refused) {
        return refused.reply();
      }
    };
  }
}
