package io.cashew.proxy.backend;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's own connections to every node, on which the nodes keep track of what it reads
 * ({@code CLIENT TRACKING}): nothing else tells a node whose reads these are. Confined to the
 * worker.
 *
 * <p>Where invalidation messages are to go to another client ({@code REDIRECT}), a second
 * connection to each node receives them. A connection that ends is made anew; what its node had to
 * tell meanwhile is lost, so the client is told to forget everything.
 */
public final class Tracker implements OwnConnections {

  /** Hears what nodes say of keys. */
  public interface Listener {
    /**
     * A push of a node, in RESP3.
     *
     * @param buf holds it; borrowed
     */
    void onPush(ByteBuf buf, int index, int length);

    /** A node has forgotten what this client has read. */
    void onForgotten();
  }

  /** How often a connection that has ended is tried again. */
  private static final long RETRY_MILLIS = 250;

  /** A node that has said nothing for so long is asked whether it is there. */
  private static final long SILENCE_MILLIS = 5000;

  /** The connections to one node. */
  private static final class Link {
    final Backend backend;
    @Nullable RequestConnection own;
    @Nullable RequestConnection receiver;
    long receiverId;
    boolean ready;
    long nextTryTickMillis;

    Link(Backend backend) {
      this.backend = backend;
    }
  }

  private List<Backend> backends;
  private final Listener listener;
  private final boolean redirects;
  private final IdentityHashMap<Node, Link> links = new IdentityHashMap<>();
  private boolean resp3;
  private int database;
  private List<String> options;
  private boolean closed;

  /** What {@code CLIENT CACHING} said of the next request; null: nothing. */
  private byte @Nullable [] caching;

  /**
   * A tracker without connections.
   *
   * @param lane what the client speaks and has selected
   * @param redirects whether the messages are to be received on connections of their own
   * @param options of {@code CLIENT TRACKING ON}, {@code REDIRECT} left out
   */
  public Tracker(
      List<Backend> backends,
      Lane lane,
      boolean redirects,
      List<String> options,
      Listener listener) {
    this.backends = backends;
    this.listener = listener;
    this.redirects = redirects;
    this.options = options;
    resp3 = lane.resp3;
    database = lane.database;
    for (Backend backend : backends) {
      links.put(backend.node(), new Link(backend));
    }
  }

  /**
   * Opens a connection to every node.
   *
   * @param done hears when every node has answered, or cannot: the first error reply, or null
   */
  public void open(Consumer<@Nullable String> done) {
    assert inThread();
    Answers answers = new Answers(done);
    for (Backend backend : backends) {
      answers.missing++;
      open(backend, answers::take);
    }
    answers.asked();
  }

  /** Collects what nodes say to one command. */
  private static final class Answers {
    private final Consumer<@Nullable String> done;
    private int missing = 1; // for the method that asks
    private @Nullable String error;

    Answers(Consumer<@Nullable String> done) {
      this.done = done;
    }

    void take(@Nullable String text) {
      if (text != null && text.startsWith("-") && error == null) {
        error = text;
      }
      if (--missing == 0) {
        done.accept(error);
      }
    }

    void asked() {
      take(null);
    }
  }

  private boolean inThread() {
    return backends.isEmpty() || backends.get(0).inThread();
  }

  private void open(Backend backend, Consumer<@Nullable String> answered) {
    Link link = links.get(backend.node());
    if (link == null || closed) {
      answered.accept(null);
      return;
    }
    link.ready = false;
    RequestConnection own =
        backend.openOwn(resp3, database, false, listener::onPush, () -> ended(backend));
    link.own = own;
    if (own == null) {
      answered.accept(null); // it is tried again
    } else if (redirects) {
      receive(backend, link, answered);
    } else {
      link.ready = true; // what is sent from now on comes after this
      own.ask(trackingOn(0, options), answered, failure -> answered.accept(null));
    }
  }

  private void receive(Backend backend, Link link, Consumer<@Nullable String> answered) {
    RequestConnection receiver =
        backend.openOwn(true, 0, true, listener::onPush, () -> ended(backend));
    link.receiver = receiver;
    if (receiver == null) {
      drop(link);
      answered.accept(null);
      return;
    }
    receiver.ask(
        OwnCommands.CLIENT_ID,
        text -> {
          RequestConnection own = link.own;
          if (own == null || !text.startsWith(":")) {
            answered.accept(text);
            return;
          }
          link.receiverId = Long.parseLong(text.substring(1));
          own.ask(
              trackingOn(link.receiverId, options),
              reply -> {
                link.ready = true;
                answered.accept(reply);
              },
              failure -> answered.accept(null));
        },
        failure -> answered.accept(null));
  }

  private static byte[] trackingOn(long receiverId, List<String> options) {
    List<String> arguments = new ArrayList<>(List.of("CLIENT", "TRACKING", "ON"));
    if (receiverId != 0) {
      arguments.add("REDIRECT");
      arguments.add(Long.toString(receiverId));
    }
    arguments.addAll(options);
    return OwnCommands.of(arguments.toArray(String[]::new));
  }

  /**
   * Says {@code CLIENT TRACKING ON} again, with other options: what may change, the nodes know.
   *
   * @param asked what is said to the nodes that have been asked before
   * @param newOptions what has been asked altogether, for connections that are made later
   * @param done hears the first error reply; null if there was none
   */
  public void change(List<String> asked, List<String> newOptions, Consumer<@Nullable String> done) {
    assert inThread();
    List<String> before = options;
    options = newOptions;
    Answers answers =
        new Answers(
            error -> {
              options = error == null ? newOptions : before;
              done.accept(error);
            });
    for (Link link : links.values()) {
      RequestConnection own = link.own;
      if (own != null && link.ready) {
        answers.missing++;
        own.ask(trackingOn(link.receiverId, asked), answers::take, failure -> answers.take(null));
      }
    }
    answers.asked();
  }

  /** The client speaks another protocol, or means another database. Nothing of it is in flight. */
  public void speak(boolean inResp3, int selected) {
    assert inThread();
    String protocol = inResp3 ? "3" : "2";
    for (Link link : links.values()) {
      RequestConnection own = link.own;
      if (own != null && inResp3 != resp3) {
        own.ask(OwnCommands.of("HELLO", protocol), text -> {}, failure -> {});
      }
      if (own != null && selected != database) {
        own.ask(
            OwnCommands.of("SELECT", Integer.toString(selected)),
            text -> {
              if (text.startsWith("-")) {
                own.fail(NodeFailure.ABANDONED, false);
              }
            },
            failure -> {});
      }
    }
    resp3 = inResp3;
    database = selected;
  }

  /** {@code CLIENT CACHING} about the next request, on whichever nodes it goes to. */
  public void cachingOfNext(@Nullable Boolean yes) {
    caching = yes == null ? null : OwnCommands.of("CLIENT", "CACHING", yes ? "YES" : "NO");
  }

  /** The same as {@code shared}, on these connections. */
  public Lane lane(Lane shared) {
    return shared.on(this);
  }

  @Override
  public @Nullable RequestConnection connection(Node node) {
    Link link = links.get(node);
    if (link == null || !link.ready) {
      return null;
    }
    RequestConnection own = link.own;
    if (own != null && caching != null) {
      own.ask(caching, text -> {}, failure -> {});
    }
    return own;
  }

  @Override
  public @Nullable RequestConnection existing(Node node) {
    Link link = links.get(node);
    return link == null ? null : link.own;
  }

  private void ended(Backend backend) {
    Link link = links.get(backend.node());
    if (!backends.contains(backend) && backend.retired()) {
      links.remove(backend.node());
    }
    if (link != null && !closed && link.own != null) {
      boolean tracked = link.ready;
      drop(link);
      if (tracked) {
        listener.onForgotten();
      }
    }
  }

  /**
   * Nodes are about to be used that were not: opens connections to them. What is asked of them
   * before {@link #settled} fails.
   */
  public void prepare(List<Backend> added) {
    assert inThread();
    for (Backend backend : added) {
      if (!links.containsKey(backend.node())) {
        links.put(backend.node(), new Link(backend));
        open(backend, text -> {});
      }
    }
  }

  /** Whether every connection that is being opened has its answers. */
  public boolean settled() {
    for (Link link : links.values()) {
      if (link.own != null && !link.ready) {
        return false;
      }
    }
    return true;
  }

  /**
   * Keys are on other nodes than before: what the client remembers of them, nobody will tell it.
   *
   * @param now the backends that there are; connections to others end with those
   */
  public void follow(List<Backend> now) {
    assert inThread();
    prepare(now);
    backends = now;
    links.values().removeIf(link -> link.own == null && !now.contains(link.backend));
    listener.onForgotten();
  }

  private static void drop(Link link) {
    RequestConnection own = link.own;
    RequestConnection receiver = link.receiver;
    link.own = null;
    link.receiver = null;
    link.receiverId = 0;
    link.ready = false;
    if (own != null) {
      own.fail(NodeFailure.ABANDONED, false);
    }
    if (receiver != null) {
      receiver.fail(NodeFailure.ABANDONED, false);
    }
  }

  /** Makes anew what has ended. */
  public void onTick(long tickMillis) {
    assert inThread();
    for (Backend backend : backends) {
      Link link = links.get(backend.node());
      if (link != null && link.own != null) {
        askIfSilent(link, tickMillis);
      }
      if (link != null
          && link.own == null
          && tickMillis >= link.nextTryTickMillis
          && !backend.node().circuitOpen()) {
        link.nextTryTickMillis = tickMillis + RETRY_MILLIS;
        open(backend, text -> {});
      }
    }
  }

  /** What a node that has vanished would have said of a key, nobody says. */
  private static void askIfSilent(Link link, long tickMillis) {
    RequestConnection own = link.own;
    RequestConnection receiver = link.receiver;
    if (own != null) {
      own.pingIfSilent(Math.max(own.silenceMillis(), SILENCE_MILLIS), tickMillis);
    }
    if (receiver != null) {
      receiver.pingIfSilent(Math.max(receiver.silenceMillis(), SILENCE_MILLIS), tickMillis);
    }
  }

  /** Ends all connections. */
  public void close() {
    assert inThread();
    closed = true;
    links.values().forEach(Tracker::drop);
  }
}
