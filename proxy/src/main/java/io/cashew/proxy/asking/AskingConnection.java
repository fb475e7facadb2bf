package io.cashew.proxy.asking;

import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.ReplyValue;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which the proxy itself asks one server, which may also send messages that it was
 * asked for. Confined to its event loop, but for {@link #ask} and {@link #close}, which any thread
 * may call.
 *
 * <p>The server is not trusted: a reply has a largest size, and each answer its time. Whatever is
 * no reply, comes unasked or comes late ends the connection, and what was asked is told that no
 * answer came.
 */
public final class AskingConnection extends ChannelInboundHandlerAdapter implements AutoCloseable {
  /** Longest reply; one to SENTINEL SENTINELS has about 500 bytes for each of them. */
  static final int MOST_BYTES = 1 << 20;

  /** Who uses a connection; called on its event loop. */
  public interface Listener {
    /** It is ready to be asked. */
    void opened();

    /** A message of a subscription has come. */
    void message(ReplyValue message);

    /**
     * It has ended, once; not if its user has closed it.
     *
     * @param why in words: {@code Connection refused}
     */
    void closed(String why);
  }

  /** How far it is: in this order, each at most once. */
  private enum State {
    CONNECTING,
    GREETING,
    OPEN,
    CLOSED
  }

  /** Requests that are sent together, and their replies as they come. */
  private static final class Asked {
    private final List<byte[]> requests;
    private final Consumer<@Nullable List<ReplyValue>> replies;
    private final List<ReplyValue> got = new ArrayList<>();

    Asked(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies) {
      this.requests = List.copyOf(requests);
      this.replies = replies;
    }
  }

  private final EventLoop loop;
  private final Access access;
  private final PeerAddress peer;
  private final Listener listener;
  private final ReplyDecoder decoder = new ReplyDecoder(MOST_BYTES, false);
  private final ArrayDeque<Asked> asked = new ArrayDeque<>();
  private State state = State.CONNECTING;
  private @Nullable Channel channel;

  /** What has come of a reply that is not whole. */
  private @Nullable ByteBuf partial;

  /** Bytes of it that the decoder has seen. */
  private int seen;

  private AskingConnection(EventLoop loop, Access access, PeerAddress peer, Listener listener) {
    this.loop = loop;
    this.access = access;
    this.peer = peer;
    this.listener = listener;
  }

  /**
   * Begins to connect; returns at once, from any thread.
   *
   * @param loop whose channels are those of {@code access}
   * @param address {@code host:port} or {@code unix:/path}
   * @throws IllegalArgumentException if it is neither
   */
  public static AskingConnection open(
      EventLoop loop, Access access, String address, Listener listener) {
    AskingConnection connection =
        new AskingConnection(loop, access, PeerAddress.of(address), listener);
    connection.onLoop(connection::begin);
    return connection;
  }

  /**
   * Asks; requests that are asked before it is open wait for that.
   *
   * @param requests each whole, in RESP
   * @param replies hears one reply for each, or null if one of them did not come; once, on the
   *     connection's event loop
   */
  public void ask(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies) {
    onLoop(() -> askNow(new Asked(requests, replies)));
  }

  /** Ends it; what was asked is not answered any more, and the listener hears nothing. */
  @Override
  public void close() {
    onLoop(() -> end(null));
  }

  private void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException stopped) {
      return; // with the loop every connection has ended
    }
  }

  // ---------------------------------------------------------------- on the loop

  private void begin() {
    later(() -> fail(state == State.OPEN ? null : "no connection"));
    peer.find(access, found -> onLoop(() -> connect(found)));
  }

  private void later(Runnable task) {
    var unused = loop.schedule(task, access.timeoutMillis(), TimeUnit.MILLISECONDS);
  }

  private void connect(@Nullable SocketAddress address) {
    if (state != State.CONNECTING || channel != null) {
      return;
    }
    if (address == null) {
      fail("its name has no address");
      return;
    }
    Channel connecting = access.sockets().connecting(address).newChannel();
    channel = connecting;
    connecting.config().setConnectTimeoutMillis((int) access.timeoutMillis());
    if (address instanceof InetSocketAddress) {
      connecting.config().setOption(ChannelOption.TCP_NODELAY, true);
      connecting.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    }
    Access.Tls tls = access.tls();
    if (tls != null && address instanceof InetSocketAddress) {
      connecting.pipeline().addLast(tls.connecting(connecting.alloc(), peer.host(), peer.port()));
    }
    connecting.pipeline().addLast(this);
    loop.register(connecting)
        .addListener(
            registered -> {
              if (registered.isSuccess()) {
                connecting.connect(address).addListener(done -> failWith(done.cause()));
              } else {
                failWith(registered.cause());
              }
            });
  }

  private void failWith(@Nullable Throwable cause) {
    if (cause != null) {
      fail(Tls.isFailure(cause) ? "TLS failed (" + Tls.reason(cause) + ")" : Tls.reason(cause));
    }
  }

  private void greet() {
    state = State.GREETING;
    if (access.greeting().isEmpty()) {
      open();
      return;
    }
    Asked greeting = new Asked(access.greeting(), this::greeted);
    asked.addFirst(greeting);
    send(greeting);
  }

  private void greeted(@Nullable List<ReplyValue> replies) {
    if (replies == null) {
      return; // it has ended
    }
    for (ReplyValue reply : replies) {
      if (reply.type() == '-') {
        fail("it refuses the login (" + reply.text() + ")");
        return;
      }
    }
    open();
  }

  private void open() {
    state = State.OPEN;
    asked.forEach(this::send);
    listener.opened();
  }

  private void askNow(Asked question) {
    if (state == State.CLOSED) {
      question.replies.accept(null);
      return;
    }
    asked.addLast(question);
    later(
        () -> {
          if (asked.contains(question)) {
            fail("no answer within " + access.timeoutMillis() + " ms");
          }
        });
    if (state == State.OPEN) {
      send(question);
    }
  }

  private void send(Asked question) {
    Channel to = channel;
    if (to == null) {
      return;
    }
    ByteBuf bytes = to.alloc().buffer();
    question.requests.forEach(bytes::writeBytes);
    to.writeAndFlush(bytes, to.voidPromise());
  }

  // ---------------------------------------------------------------- what comes

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (ctx.pipeline().get(SslHandler.class) == null) {
      greet();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        greet();
      } else {
        failWith(handshake.cause());
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      if (state != State.CLOSED) {
        take(ctx, in);
      }
    } catch (ProtocolException | IllegalArgumentException | IndexOutOfBoundsException e) {
      fail("it sends what is no reply (" + e.getMessage() + ")");
    } finally {
      in.release();
    }
  }

  private void take(ChannelHandlerContext ctx, ByteBuf in) {
    ByteBuf all = partial;
    if (all == null) {
      partial = all = ctx.alloc().buffer(in.readableBytes());
    }
    all.writeBytes(in);
    while (state != State.CLOSED && all.isReadable()) {
      int end = decoder.feed(all, all.readerIndex() + seen, all.writerIndex());
      if (end < 0) {
        seen = all.readableBytes();
        if (seen > MOST_BYTES) {
          fail("it sends a reply of more than " + MOST_BYTES + " bytes");
        }
        break;
      }
      seen = 0;
      ReplyValue reply = ReplyValue.read(all.slice(all.readerIndex(), end - all.readerIndex()));
      all.readerIndex(end);
      take(reply);
    }
    if (state != State.CLOSED) {
      if (all.isReadable()) {
        all.discardSomeReadBytes();
      } else {
        release();
      }
    }
  }

  private void take(ReplyValue reply) {
    if (isMessage(reply)) {
      listener.message(reply);
      return;
    }
    Asked first = asked.peekFirst();
    if (first == null) {
      fail("it sends what nobody asked for");
      return;
    }
    first.got.add(reply);
    if (first.got.size() == first.requests.size()) {
      asked.removeFirst();
      first.replies.accept(first.got);
    }
  }

  /** Replies to what is asked never look like that. */
  private static boolean isMessage(ReplyValue reply) {
    return reply.type() == '*'
        && reply.elements().size() == 3
        && reply.elements().get(0).text().equals("message");
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail("it has ended the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failWith(cause);
  }

  // ---------------------------------------------------------------- the end

  private void fail(@Nullable String why) {
    if (why != null && state != State.CLOSED) {
      end(why);
    }
  }

  /**
   * Ends it.
   *
   * @param why for the listener; null: it is its user who ends it
   */
  private void end(@Nullable String why) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    release();
    Channel open = channel;
    if (open != null) {
      if (open.isRegistered()) {
        open.close();
      } else {
        open.unsafe().closeForcibly();
      }
    }
    List<Asked> unanswered = List.copyOf(asked);
    asked.clear();
    if (why != null) {
      listener.closed(why);
    }
    unanswered.forEach(each -> each.replies.accept(null));
  }

  private void release() {
    ByteBuf bytes = partial;
    if (bytes != null) {
      partial = null;
      seen = 0;
      bytes.release();
    }
  }
}
