package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.NOT_AN_INTEGER;
import static io.cashew.proxy.client.Answers.OK;
import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Arguments.argument;
import static io.cashew.proxy.client.Arguments.number;

import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.ReadOnlyScripts;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.gather.Merger;
import io.cashew.proxy.route.gather.NodeReplies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The subcommands of {@code CLIENT} that are about all clients of the pool, whichever worker they
 * are on: each worker looks at its own, and the answer takes its turn when all have.
 */
final class ClientListAnswers {
  private static final String NO_SUCH_CLIENT = "ERR No such client";

  /** A client's line, with what it is sorted by. */
  private record Line(long id, String text) {}

  private ClientListAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    table.on("client|list", ClientListAnswers::list);
    table.on("client|kill", ClientListAnswers::kill);
    table.on("client|pause", ClientListAnswers::pause);
    table.on("client|unpause", ClientListAnswers::unpause);
    table.on("client|unblock", ClientListAnswers::unblock);
  }

  // ---------------------------------------------------------------- CLIENT LIST

  private static void list(Client client, RequestFrame frame) {
    if (frame.argc() == 2) {
      list(client, each -> true);
    } else if (frame.argc() == 4 && frame.argEquals(2, "TYPE")) {
      ClientType type = ClientType.named(argument(frame, 3));
      if (type == null) {
        badArgument(client, "ERR Unknown client type '" + argument(frame, 3) + "'");
      } else {
        list(client, each -> ClientType.of(each.session()) == type);
      }
    } else if (frame.argc() > 3 && frame.argEquals(2, "ID")) {
      listIds(client, frame);
    } else {
      badArgument(client, SYNTAX_ERROR);
    }
  }

  private static void list(Client client, Predicate<Client> wanted) {
    gatherLines(
        client,
        wanted,
        lines -> lines.stream().sorted(Comparator.comparingLong(Line::id)).toList());
  }

  /** As Redis does: in the order of the ids in the request, as often as they are there. */
  private static void listIds(Client client, RequestFrame frame) {
    List<Long> ids = new ArrayList<>();
    for (int i = 3; i < frame.argc(); i++) {
      Long id = number(argument(frame, i));
      if (id == null) {
        badArgument(client, "ERR Invalid client ID");
        return;
      }
      ids.add(id);
    }
    gatherLines(
        client,
        each -> ids.contains(each.session().id()),
        lines ->
            ids.stream()
                .flatMap(id -> lines.stream().filter(line -> line.id() == id).limit(1))
                .toList());
  }

  /** Puts lines in their order. */
  private interface Order {
    List<Line> of(List<Line> lines);
  }

  private static void gatherLines(Client client, Predicate<Client> wanted, Order order) {
    PendingReply slot = client.addSlot();
    boolean resp3 = client.session().resp3();
    client.waitForReplies();
    Survey.askAfterReads(
        client.pool(),
        part ->
            part.clients().stream()
                .filter(each -> !each.over() && wanted.test(each))
                .map(each -> new Line(each.session().id(), ClientLine.of(each) + "\n"))
                .toList(),
        lists -> {
          StringBuilder text = new StringBuilder();
          order.of(lists.stream().flatMap(List::stream).toList()).stream()
              .map(Line::text)
              .forEach(text::append);
          slot.give(Answers.textReply(text.toString(), resp3));
        });
  }

  // ---------------------------------------------------------------- CLIENT KILL

  private static void kill(Client client, RequestFrame frame) {
    boolean isOldForm = frame.argc() == 3;
    ClientFilter filter =
        isOldForm
            ? ClientFilter.ofAddress(argument(frame, 2))
            : ClientFilter.read(frame, client.pool().users());
    String error = filter.error();
    if (error != null) {
      badArgument(client, error);
      return;
    }
    if (!filter.meansOnly(client) && OtherClients.areSpared(client, "CLIENT KILL")) {
      return;
    }
    PendingReply slot = client.addSlot();
    Survey.ask(
        client.pool(),
        part -> killOn(part, filter, client.session().id()),
        counts -> {
          int killed = counts.stream().mapToInt(Integer::intValue).sum();
          if (isOldForm) {
            slot.give(killed > 0 ? OK : Replies.error(NO_SUCH_CLIENT));
          } else {
            slot.give(Replies.bytes(":" + killed + "\r\n"));
          }
        });
  }

  private static int killOn(PoolPart part, ClientFilter filter, long askerId) {
    int killed = 0;
    for (Client each : part.clients()) {
      if (!each.over() && filter.matches(each, askerId)) {
        killed++;
        if (each.session().id() == askerId) {
          each.closeAfterReplies(); // of which this one is the last
        } else {
          each.close();
        }
      }
    }
    return killed;
  }

  // ---------------------------------------------------------------- CLIENT PAUSE, UNPAUSE

  private static void pause(Client client, RequestFrame frame) {
    if (frame.argc() > 4) {
      badArgument(client, wrongNumber("PAUSE"));
      return;
    }
    boolean writesOnly = frame.argc() == 4 && frame.argEquals(3, "WRITE");
    if (frame.argc() == 4 && !writesOnly && !frame.argEquals(3, "ALL")) {
      badArgument(client, "ERR CLIENT PAUSE mode must be WRITE or ALL");
      return;
    }
    Long millis = number(argument(frame, 2));
    if (millis == null) {
      badArgument(client, "ERR timeout is not an integer or out of range");
    } else if (millis < 0) {
      badArgument(client, "ERR timeout is negative");
    } else if (!OtherClients.areSpared(client, "CLIENT PAUSE")) {
      // Long.MAX_VALUE nanoseconds from now would not be comparable with now: half is 146 years.
      long nanos = Math.min(TimeUnit.MILLISECONDS.toNanos(millis), Long.MAX_VALUE / 2);
      long end = System.nanoTime() + nanos;
      tellAll(
          client,
          part -> part.pause().begin(end, !writesOnly),
          slot -> {
            if (writesOnly) {
              askForFunctions(client, slot);
            } else {
              slot.give(OK);
            }
          });
    }
  }

  /** Which functions the pause lets pass, the nodes know. */
  private static void askForFunctions(Client client, PendingReply slot) {
    ByteBuf request = Unpooled.wrappedBuffer(ReadOnlyScripts.FUNCTION_LIST);
    client.pool().manyNodes().askAll(request, new Functions(client.pool()), slot, client.lane());
  }

  /** Its reply is OK whatever nodes say: one that is down, or too old, has none. */
  private record Functions(PoolPart pool) implements Merger {
    @Override
    public ReplyValue merge(NodeReplies replies) {
      pool.directory().scripts().learnFunctions(replies);
      return new ReplyValue('+', "OK", List.of(), false);
    }

    @Override
    public int needed(int nodes) {
      return 0;
    }
  }

  private static void unpause(Client client, RequestFrame frame) {
    if (!OtherClients.areSpared(client, "CLIENT UNPAUSE")) {
      tellAll(client, PoolPart::endPause, slot -> slot.give(OK));
    }
  }

  /** Something to be done on each worker. */
  private interface Task {
    void on(PoolPart part);
  }

  private static void tellAll(Client client, Task task, Consumer<PendingReply> done) {
    PendingReply slot = client.addSlot();
    client.waitForReplies();
    Survey.ask(
        client.pool(),
        part -> {
          task.on(part);
          return part;
        },
        parts -> done.accept(slot));
  }

  // ---------------------------------------------------------------- CLIENT UNBLOCK

  private static void unblock(Client client, RequestFrame frame) {
    if (frame.argc() > 4) {
      badArgument(client, wrongNumber("UNBLOCK"));
      return;
    }
    boolean withError = frame.argc() == 4 && frame.argEquals(3, "ERROR");
    if (frame.argc() == 4 && !withError && !frame.argEquals(3, "TIMEOUT")) {
      badArgument(client, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
      return;
    }
    Long id = number(argument(frame, 2));
    if (id == null) {
      badArgument(client, NOT_AN_INTEGER);
      return;
    }
    if (id != client.session().id() && OtherClients.areSpared(client, "CLIENT UNBLOCK")) {
      return;
    }
    PendingReply slot = client.addSlot();
    Client target = client.pool().directory().find(id);
    if (target == null) {
      giveFlag(slot, false);
    } else {
      onWorkerOf(
          target,
          () ->
              target.unblock(
                  withError, wasBlocked -> onWorkerOf(client, () -> giveFlag(slot, wasBlocked))));
    }
  }

  private static void onWorkerOf(Client client, Runnable task) {
    client.pool().worker().eventLoop().execute(task);
  }

  private static void giveFlag(PendingReply slot, boolean flag) {
    slot.give(Replies.bytes(flag ? ":1\r\n" : ":0\r\n"));
  }

  private static String wrongNumber(String subcommand) {
    return "ERR unknown subcommand or wrong number of arguments for '"
        + subcommand
        + "'. Try CLIENT HELP.";
  }
}
