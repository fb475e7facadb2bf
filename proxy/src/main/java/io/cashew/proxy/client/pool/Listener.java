package io.cashew.proxy.client.pool;

import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where clients of a pool connect. The first worker accepts, and deals the clients out to all
 * workers, a few at a time. Clients that connect before {@link #serve} wait in the kernel.
 */
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  private final SocketAddress address;
  private final Channel channel;
  private final EmptyBacklog backlog = new EmptyBacklog();

  /** The file of a unix socket that another process made: Netty does not know that it is ours. */
  private final @Nullable Path adoptedFile;

  private volatile @Nullable Admission admission;

  /**
   * Begins to listen, without accepting anybody yet.
   *
   * @param address where
   * @param backlog of listen(2)
   * @param workers accept and serve
   * @param sockets makes the channels
   * @throws IOException if the address cannot be listened on; the message names it
   */
  public Listener(SocketAddress address, int backlog, WorkerGroup workers, Sockets sockets)
      throws IOException {
    this(address, bootstrap(workers, backlog), sockets, OptionalInt.empty());
  }

  /**
   * Listens with a socket that another process has handed over, which listens already.
   *
   * @param descriptor of the socket; taken ownership of
   * @param sockets a transport that adopts sockets
   * @throws IOException if it cannot be had
   */
  public static Listener adopt(
      int descriptor, SocketAddress address, int backlog, WorkerGroup workers, Sockets sockets)
      throws IOException {
    Listener listener =
        new Listener(address, bootstrap(workers, backlog), sockets, OptionalInt.of(descriptor));
    if (listener.channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
      socket.listen(backlog); // again: the other process's may have been another
    }
    return listener;
  }

  private static ServerBootstrap bootstrap(WorkerGroup workers, int backlog) {
    return new ServerBootstrap()
        .group(workers, workers)
        .option(ChannelOption.SO_BACKLOG, backlog)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.SO_REUSEADDR, true);
  }

  private Listener(
      SocketAddress address, ServerBootstrap bootstrap, Sockets sockets, OptionalInt descriptor)
      throws IOException {
    boolean adopted = descriptor.isPresent();
    bootstrap
        .channelFactory(() -> open(address, sockets, descriptor))
        .handler(backlog)
        .childHandler(new Accepted());
    try {
      channel =
          (adopted ? bootstrap.register() : bootstrap.bind(address))
              .syncUninterruptibly()
              .channel();
      channel.pipeline().addLast(new AcceptFailures(address));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) { // Netty throws the checked cause undeclared
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    SocketAddress bound = channel.localAddress();
    this.address = bound == null ? address : bound;
    adoptedFile =
        adopted && address instanceof DomainSocketAddress unix ? Path.of(unix.path()) : null;
  }

  private static ServerChannel open(
      SocketAddress address, Sockets sockets, OptionalInt descriptor) {
    Sockets.Adopting adopting = sockets.adopting();
    if (descriptor.isEmpty()) {
      return sockets.listening(address).newChannel();
    }
    if (adopting == null) {
      throw new IllegalArgumentException(sockets.name() + " cannot adopt sockets");
    }
    return adopting.listening(address, descriptor.getAsInt());
  }

  /** Accepts clients, from now on for this pool. */
  public void serve(Admission pool) {
    admission = pool;
    channel.config().setAutoRead(true);
  }

  /** Where it listens; the port is the real one if 0 was asked for. */
  public SocketAddress address() {
    return address;
  }

  /** Its socket, which another process may use as well; empty: the transport does not tell. */
  public Optional<FileDescriptor> descriptor() {
    return channel instanceof UnixChannel unix ? Optional.of(unix.fd()) : Optional.empty();
  }

  /** Accepts who waits in the kernel, and then nobody. */
  public void close() {
    (admission == null ? channel.close() : backlog.close(channel)).syncUninterruptibly();
    if (adoptedFile != null) {
      try {
        Files.deleteIfExists(adoptedFile);
      } catch (IOException e) {
        LOG.warn("the file of the unix socket {} is left behind: {}", adoptedFile, e.toString());
      }
    }
  }

  /**
   * Accepts no more, because another process does so with the same socket: those who wait in the
   * kernel are its clients.
   */
  public void leaveToOther() {
    if (address instanceof InetSocketAddress) {
      channel.close().syncUninterruptibly();
    } else {
      leaveFileToOther();
    }
  }

  /** Netty's way to close a unix socket would delete the file, which is the other process's now. */
  private void leaveFileToOther() {
    channel.deregister().syncUninterruptibly();
    descriptor()
        .ifPresent(
            socket -> {
              try {
                socket.close();
              } catch (IOException e) {
                LOG.warn("the descriptor of {} cannot be closed: {}", address, e.toString());
              }
            });
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel client) {
      Admission pool = admission;
      if (pool == null) {
        client.close();
      } else {
        pool.take(client);
      }
    }
  }
}
