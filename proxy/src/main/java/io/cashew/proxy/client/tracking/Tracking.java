package io.cashew.proxy.client.tracking;

import static io.cashew.proxy.client.Answers.OK;
import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Arguments.argument;

import io.cashew.proxy.backend.Tracker;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client's {@code CLIENT TRACKING}: what it has asked for, and the way of invalidation messages
 * from the nodes to it, or to the client that it redirects them to. Confined to the worker.
 *
 * <p>The nodes judge the options, on connections of this client's own, a {@link Tracker}; what is
 * kept here is for {@code CLIENT TRACKINGINFO}.
 */
final class Tracking implements Tracker.Listener {
  private static final byte[] INVALIDATE = Replies.bytes(">2\r\n$10\r\ninvalidate\r\n");
  private static final byte[] FORGET_ALL = Replies.bytes(">2\r\n$10\r\ninvalidate\r\n_\r\n");
  private static final byte[] MESSAGE =
      Replies.bytes("*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n");
  private static final byte[] NULL_BULK = Replies.bytes("$-1\r\n");

  private final Client client;
  private @Nullable Tracker tracker;
  private Options options = new Options();

  /** The client that messages are redirected to has left. */
  private boolean broken;

  /** {@link Client#settledReplies} when the client was told last to forget everything. */
  private long forgotAt = -1;

  /** What {@code CLIENT CACHING} said of the next request. */
  private @Nullable Boolean cachingOfNext;

  /** What a client has asked for. */
  private static final class Options {
    private long redirect;
    private boolean broadcast;
    private boolean optIn;
    private boolean optOut;
    private boolean noLoop;
    private final List<String> prefixes = new ArrayList<>();

    /** As arguments, without the redirection. */
    private List<String> words() {
      List<String> words = new ArrayList<>();
      if (broadcast) {
        words.add("BCAST");
      }
      for (String prefix : prefixes) {
        words.add("PREFIX");
        words.add(prefix);
      }
      if (optIn) {
        words.add("OPTIN");
      }
      if (optOut) {
        words.add("OPTOUT");
      }
      if (noLoop) {
        words.add("NOLOOP");
      }
      return words;
    }
  }

  Tracking(Client client) {
    this.client = client;
  }

  /** The client's own connections, if it tracks. */
  Stream<Tracker> trackers() {
    return Stream.ofNullable(tracker);
  }

  /** Who gets the messages, the session tells: 0 is the client itself, -1 nobody. */
  private void tellSession() {
    client.session().redirect(tracker == null ? -1 : options.redirect);
  }

  // ---------------------------------------------------------------- CLIENT TRACKING

  void run(RequestFrame frame) {
    assert client.pool().worker().inThread();
    if (frame.argEquals(2, "OFF") && frame.argc() == 3) {
      end();
      client.reply(OK);
      return;
    }
    if (!frame.argEquals(2, "ON")) {
      badArgument(client, SYNTAX_ERROR);
      return;
    }
    Options wanted = new Options();
    String error = read(frame, wanted);
    if (error != null) {
      badArgument(client, error);
      return;
    }
    PendingReply slot = client.addSlot();
    client.waitForReplies();
    Tracker current = tracker;
    if (current != null && (wanted.redirect == 0) == (options.redirect == 0)) {
      List<String> asked = wanted.words();
      addPrefixes(wanted);
      current.change(asked, wanted.words(), refusal -> answer(slot, refusal, wanted));
    } else {
      end();
      begin(slot, wanted);
    }
  }

  /** Prefixes add up, as on a node, where a connection that is made anew must have all of them. */
  private void addPrefixes(Options wanted) {
    for (String prefix : options.prefixes) {
      if (!wanted.prefixes.contains(prefix)) {
        wanted.prefixes.add(prefix);
      }
    }
  }

  private void begin(PendingReply slot, Options wanted) {
    Tracker made =
        new Tracker(
            client.pool().router().backends(),
            client.lane(),
            wanted.redirect != 0,
            wanted.words(),
            this);
    tracker = made;
    options = wanted;
    tellSession();
    made.open(
        refusal -> {
          if (refusal != null && tracker == made) {
            end();
          }
          answer(slot, refusal, wanted);
        });
    if (tracker == made) {
      client.track(made);
    }
  }

  private void answer(PendingReply slot, @Nullable String refusal, Options accepted) {
    if (refusal == null) {
      options = accepted;
      tellSession();
      broken = false;
      slot.give(OK);
    } else {
      slot.give(Replies.bytes(refusal + "\r\n"));
    }
  }

  private @Nullable String read(RequestFrame frame, Options wanted) {
    for (int i = 3; i < frame.argc(); i++) {
      boolean more = i + 1 < frame.argc();
      switch (argument(frame, i).toUpperCase(Locale.ROOT)) {
        case "REDIRECT" -> {
          Long id = more ? Arguments.number(argument(frame, i + 1)) : null;
          if (wanted.redirect != 0) {
            return "ERR A client can only redirect to a single other client";
          }
          if (!more) {
            return SYNTAX_ERROR;
          }
          if (id == null) {
            return Answers.NOT_AN_INTEGER;
          }
          if (client.pool().directory().find(id) == null) {
            return "ERR The client ID you want redirect to does not exist";
          }
          wanted.redirect = id;
          i++;
        }
        case "PREFIX" -> {
          if (!more) {
            return SYNTAX_ERROR;
          }
          wanted.prefixes.add(Arguments.characters(frame, i + 1));
          i++;
        }
        case "BCAST" -> wanted.broadcast = true;
        case "OPTIN" -> wanted.optIn = true;
        case "OPTOUT" -> wanted.optOut = true;
        case "NOLOOP" -> wanted.noLoop = true;
        default -> {
          return SYNTAX_ERROR;
        }
      }
    }
    return null;
  }

  /** Tracks no more. */
  void end() {
    Tracker done = tracker;
    if (done != null) {
      tracker = null;
      options = new Options();
      broken = false;
      forgotAt = -1;
      cachingOfNext = null;
      tellSession();
      done.close();
      client.track(null);
    }
  }

  // ---------------------------------------------------------------- CLIENT CACHING, TRACKINGINFO

  void caching(RequestFrame frame) {
    Tracker current = tracker;
    boolean yes = frame.argEquals(2, "YES");
    if (!yes && !frame.argEquals(2, "NO")) {
      badArgument(client, SYNTAX_ERROR);
    } else if (current == null && client.pool().settings().rules().any(CacheRule::hearsOfWrites)) {
      client.session().seat().caching(yes); // the proxy's own, until the client says otherwise
      client.reply(Answers.OK);
    } else if (current == null || !(options.optIn || options.optOut)) {
      badArgument(
          client,
          "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or"
              + " OPTOUT mode enabled");
    } else if (yes && !options.optIn) {
      badArgument(
          client, "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    } else if (!yes && !options.optOut) {
      badArgument(
          client, "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    } else {
      cachingOfNext = yes;
      current.cachingOfNext(yes);
      client.afterNextRequest(this::nextRequestIsSent);
      client.reply(OK);
    }
  }

  private void nextRequestIsSent() {
    cachingOfNext = null;
    if (tracker != null) {
      tracker.cachingOfNext(null);
    }
  }

  void describe(ByteBuf out) {
    boolean resp3 = client.session().resp3();
    CommandReply writer = new CommandReply(out, resp3);
    writer.map(3);
    Replies.writeBulk(out, "flags");
    List<String> flags = flags();
    writer.set(flags.size());
    flags.forEach(flag -> Replies.writeBulk(out, flag));
    Replies.writeBulk(out, "redirect");
    Replies.writeInteger(out, client.session().redirect());
    Replies.writeBulk(out, "prefixes");
    List<String> prefixes = options.prefixes;
    if (options.broadcast && prefixes.isEmpty()) {
      prefixes = List.of(""); // that of every key
    }
    Replies.writeArrayHeader(out, prefixes.size());
    prefixes.forEach(
        prefix -> Replies.writeBulk(out, prefix.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private List<String> flags() {
    if (tracker == null) {
      return List.of("off");
    }
    List<String> flags = new ArrayList<>();
    flags.add("on");
    if (options.broadcast) {
      flags.add("bcast");
    }
    if (options.optIn) {
      flags.add("optin");
    }
    if (Boolean.TRUE.equals(cachingOfNext)) {
      flags.add("caching-yes");
    }
    if (options.optOut) {
      flags.add("optout");
    }
    if (Boolean.FALSE.equals(cachingOfNext)) {
      flags.add("caching-no");
    }
    if (options.noLoop) {
      flags.add("noloop");
    }
    if (broken) {
      flags.add("broken_redirect");
    }
    return flags;
  }

  // ---------------------------------------------------------------- messages

  @Override
  public void onPush(ByteBuf buf, int index, int length) {
    boolean invalidates =
        length > INVALIDATE.length
            && ByteBufUtil.equals(
                buf, index, Unpooled.wrappedBuffer(INVALIDATE), 0, INVALIDATE.length);
    if (invalidates && buf.getByte(index + INVALIDATE.length) == '_') {
      onForgotten();
    } else if (invalidates) {
      tell(buf, index, length);
    }
  }

  /** Once, however many nodes say so: who has read nothing since has nothing to forget. */
  @Override
  public void onForgotten() {
    long settled = client.settledReplies();
    if (settled >= 0 && settled == forgotAt) {
      return;
    }
    forgotAt = settled;
    tell(Unpooled.wrappedBuffer(FORGET_ALL), 0, FORGET_ALL.length);
  }

  private void tell(ByteBuf push, int index, int length) {
    if (options.redirect == 0) {
      if (client.session().resp3()) {
        client.pushInOrder(push, index, length);
      }
      return;
    }
    Client target = client.pool().directory().find(options.redirect);
    if (target == null) {
      tellThatItIsBroken();
      return;
    }
    byte[] message = ByteBufUtil.getBytes(push, index, length);
    if (target.pool() == client.pool()) {
      give(target, message);
    } else {
      target.pool().worker().eventLoop().execute(() -> give(target, message));
    }
  }

  /** Gives a message to the client that it was redirected to, on that one's worker. */
  private static void give(Client target, byte[] message) {
    ByteBuf given = Unpooled.wrappedBuffer(message);
    if (target.session().resp3()) {
      target.push(given, 0, message.length);
    } else if (target.session().subscribed()) {
      ByteBuf text = Unpooled.buffer();
      text.writeBytes(MESSAGE);
      if (message[INVALIDATE.length] == '_') {
        text.writeBytes(NULL_BULK);
      } else {
        text.writeBytes(message, INVALIDATE.length, message.length - INVALIDATE.length);
      }
      target.push(text, 0, text.readableBytes());
    }
  }

  private void tellThatItIsBroken() {
    broken = true;
    if (client.session().resp3()) {
      ByteBuf push = Unpooled.buffer();
      push.writeBytes(Replies.bytes(">2\r\n$21\r\ntracking-redir-broken\r\n"));
      Replies.writeInteger(push, options.redirect);
      client.push(push, 0, push.readableBytes());
    }
  }
}
