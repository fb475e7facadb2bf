package io.cashew.proxy.testing;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalServerChannel;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A server in memory, on the loop of a {@link VirtualWorker}: it notes what it is asked and says
 * what a test tells it to, when the test tells it to. Tests read it from their own thread.
 */
public final class InMemoryServer implements NodeAddress {
  private final VirtualWorker worker;
  private final String name;
  private final int port;
  private final List<Connection> connections = Collections.synchronizedList(new ArrayList<>());
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile @Nullable Channel listener;
  private volatile @Nullable SocketAddress at;
  private volatile @Nullable UnaryOperator<@Nullable String> answers;

  /** A server that accepts connections and says nothing. */
  public InMemoryServer(VirtualWorker worker) {
    this(worker, "alpha");
  }

  /** As above, under the name of a node. */
  public InMemoryServer(VirtualWorker worker, String name) {
    this(worker, name, 6379);
  }

  /** As above, at another address than others of the name. */
  public InMemoryServer(VirtualWorker worker, String name, int port) {
    this.worker = worker;
    this.name = name;
    this.port = port;
    start();
  }

  /** Accepts connections, again. */
  public void start() {
    LocalAddress address = new LocalAddress(InMemoryServer.class);
    Channel bound =
        new ServerBootstrap()
            .group(worker.worker().eventLoop())
            .channel(LocalServerChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Connection());
                  }
                })
            .bind(address)
            .syncUninterruptibly()
            .channel();
    listener = bound;
    at = bound.localAddress();
  }

  /** Refuses connections from now on; those that there are stay. */
  public void refuse() {
    Channel open = listener;
    if (open != null) {
      open.close().syncUninterruptibly();
    }
    worker.settle();
  }

  /** The node's name. */
  public String name() {
    return name;
  }

  /** Where it is. */
  public NodeAddress address() {
    return this;
  }

  /** What was asked so far, {@code GET a}, of all connections. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** How many connections there were. */
  public int connections() {
    return connections.size();
  }

  /** Answers each request at once; null leaves it without an answer. */
  public void answer(UnaryOperator<@Nullable String> how) {
    answers = how;
  }

  /** Says {@code reply} on the connection that was made last. */
  public void say(String reply) {
    say(connections.size() - 1, reply);
  }

  /** Says {@code reply} on a connection, counted from 0. */
  public void say(int connection, String reply) {
    worker.run(() -> connections.get(connection).say(reply));
  }

  /** Ends the connection that was made last. */
  public void hangUp() {
    hangUp(connections.size() - 1);
  }

  /** Ends a connection, counted from 0. */
  public void hangUp(int connection) {
    worker.run(() -> connections.get(connection).end());
  }

  @Override
  public String text() {
    return name + ":" + port;
  }

  @Override
  public @Nullable SocketAddress current() {
    return at;
  }

  @Override
  public void refresh() {}

  private final class Connection extends ChannelInboundHandlerAdapter {
    private final RequestDecoder decoder = new RequestDecoder(RespLimits.DEFAULT);
    private final RequestFrame frame = new RequestFrame();
    private final ByteBuf received = Unpooled.buffer();
    private @Nullable ChannelHandlerContext context;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      context = ctx;
      connections.add(this);
    }

    void say(String reply) {
      ChannelHandlerContext open = context;
      if (open != null) {
        open.writeAndFlush(Unpooled.copiedBuffer(reply, StandardCharsets.ISO_8859_1));
      }
    }

    void end() {
      ChannelHandlerContext open = context;
      if (open != null) {
        open.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      received.writeBytes(in);
      in.release();
      while (received.isReadable()
          && decoder.decode(received, received.readerIndex(), received.writerIndex(), frame)) {
        StringJoiner words = new StringJoiner(" ");
        for (int i = 0; i < frame.argc(); i++) {
          words.add(
              received.toString(frame.offset(i), frame.length(i), StandardCharsets.ISO_8859_1));
        }
        received.readerIndex(frame.next());
        requests.add(words.toString());
        UnaryOperator<@Nullable String> how = answers;
        String reply = how == null ? null : how.apply(words.toString());
        if (reply != null) {
          say(reply);
        }
      }
    }
  }
}
