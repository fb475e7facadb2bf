package io.cashew.proxy.loop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One running worker: its clocks, its listeners, its buffers, and real sockets on it. */
@ExtendWith(LeakCheck.class)
final class WorkerTest {

  @Test
  void clientsAreDealtOutAFewAtATime() {
    WorkerGroup group =
        new WorkerGroup(
            2, 2, NioIoHandler.newFactory(), PooledByteBufAllocator.DEFAULT, Long.MAX_VALUE);
    List<Channel> clients = new ArrayList<>();
    try {
      for (int worker : new int[] {0, 0, 1, 1, 0}) {
        clients.add(registered(group));
        assertEquals(worker, Worker.of(clients.get(clients.size() - 1).eventLoop()).index());
      }
      clients.remove(2).close().syncUninterruptibly();
      clients.add(registered(group));
      assertEquals(1, Worker.of(clients.get(clients.size() - 1).eventLoop()).index());
    } finally {
      clients.forEach(client -> client.close().syncUninterruptibly());
      group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  private static Channel registered(WorkerGroup group) {
    Channel client = new NioSocketChannel();
    group.register(client).syncUninterruptibly();
    return client;
  }

  @Test
  void workersAreNumberedAndKnowTheirLoop() throws Exception {
    WorkerGroup group =
        new WorkerGroup(
            3, 1, NioIoHandler.newFactory(), PooledByteBufAllocator.DEFAULT, Long.MAX_VALUE);
    try {
      for (int i = 0; i < 3; i++) {
        Worker worker = group.workers().get(i);
        assertEquals(i, worker.index());
        assertSame(worker, Worker.of(worker.eventLoop()));
        assertFalse(worker.inThread());
        assertTrue(worker.eventLoop().submit(worker::inThread).get(10, TimeUnit.SECONDS));
      }
    } finally {
      assertTrue(group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10_000));
    }
  }

  @Test
  void timeStandsStillWithinAnIteration() throws Exception {
    try (OneWorker one = new OneWorker()) {
      Worker worker = one.worker();
      one.run(
          () -> {
            long first = worker.nowNanos();
            while (System.nanoTime() == first) {
              Thread.onSpinWait();
            }
            assertEquals(first, worker.nowNanos());
            worker.endIteration();
            assertTrue(worker.nowNanos() - first > 0);
          });
    }
  }

  @Test
  void listenersMayRemoveThemselvesAndOthers() throws Exception {
    try (OneWorker one = new OneWorker()) {
      Worker worker = one.worker();
      one.run(
          () -> {
            worker.tick(System.nanoTime());
            worker.tick(System.nanoTime()); // in time, however late the one before it was
            List<String> called = new ArrayList<>();
            TickListener stays = now -> called.add("stays");
            TickListener goes = now -> called.add("goes");
            TickListener last =
                new TickListener() {
                  @Override
                  public void onTick(long now) {
                    called.add("last");
                    worker.removeTickListener(goes);
                    worker.removeTickListener(this);
                  }
                };
            worker.addTickListener(stays);
            worker.addTickListener(goes);
            worker.addTickListener(last);
            worker.tick(System.nanoTime());
            assertEquals(List.of("last", "stays"), called);
            worker.tick(System.nanoTime());
            assertEquals(List.of("last", "stays", "stays"), called);
            worker.removeTickListener(stays);
          });
    }
  }

  /** What has arrived during a freeze is read before anybody looks for what is late. */
  @Test
  void theTickAfterAFreezeJudgesNothing() throws Exception {
    try (OneWorker one = new OneWorker()) {
      Worker worker = one.worker();
      one.run(
          () -> {
            List<Long> told = new ArrayList<>();
            TickListener listener = told::add;
            worker.addTickListener(listener);
            long now = System.nanoTime();
            worker.tick(now);
            worker.tick(now); // in time, however late the one before it was
            told.clear();
            long start = worker.tickMillis();
            long second = TimeUnit.SECONDS.toNanos(1);
            worker.tick(now += second);
            assertEquals(List.of(), told);
            worker.tick(now += TimeUnit.MILLISECONDS.toNanos(20));
            assertEquals(List.of(start + 120), told);
            for (int i = 0; i < 10; i++) { // a loop that is late each time
              worker.tick(now += second);
            }
            assertEquals(6, told.size());
            worker.removeTickListener(listener);
          });
    }
  }

  /** Time-outs rest on the ticks: an error in one listener must not end them for all. */
  @Test
  void anErrorInAListenerStopsNeitherTheOthersNorTheTicks() throws Exception {
    try (OneWorker one = new OneWorker()) {
      CountDownLatch ticks = new CountDownLatch(3);
      one.run(
          () -> {
            one.worker().addTickListener(now -> ticks.countDown());
            one.worker()
                .addTickListener(
                    now -> {
                      throw new IllegalStateException("thrown by a listener, as this test wants");
                    });
          });
      assertTrue(ticks.await(10, TimeUnit.SECONDS));
    }
  }

  /** Nobody calls flush: what a task has written leaves before the loop waits. */
  @Test
  void theLoopWritesWhatTasksHaveWritten() throws Exception {
    try (OneWorker one = new OneWorker()) {
      CountDownLatch written = new CountDownLatch(1);
      Destination destination = new Destination();
      one.run(
          () -> {
            destination.onWrite(written::countDown);
            Outbound outbound =
                new Outbound(one.worker(), destination.channel, Outbound.Side.CLIENT);
            for (int i = 0; i < 50; i++) {
              outbound.write("piece ".getBytes(US_ASCII), 0, 6);
            }
          });
      assertTrue(written.await(10, TimeUnit.SECONDS));
      one.run(
          () -> {
            assertEquals(1, destination.writes.size());
            assertEquals("piece ".repeat(50), destination.bytes.toString(US_ASCII));
          });
    }
  }

  @Test
  void bytesGoThroughRealSocketsUnchanged() throws Exception {
    byte[] sent = new byte[3_000_000];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) ((i * 31) >> 7);
    }
    try (OneWorker one = new OneWorker()) {
      Channel listener = listen(one, channel -> new Echo(one.worker(), channel));
      try (Socket socket = connect(listener)) {
        Thread sender =
            new Thread(
                () -> {
                  try {
                    socket.getOutputStream().write(sent);
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
        sender.start();
        assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
        Await.end(sender);
      }
    }
  }

  /** The bytes are there before the task is given, and the loop sleeps until then. */
  @Test
  void whatIsThereIsReadBeforeATaskForAfterReads() throws Exception {
    try (OneWorker one = new OneWorker()) {
      AtomicInteger reads = new AtomicInteger();
      Channel listener =
          listen(
              one,
              channel ->
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                      ((ByteBuf) msg).release();
                      reads.incrementAndGet();
                      ctx.writeAndFlush(ctx.alloc().buffer(1).writeByte('!'));
                    }
                  });
      try (Socket socket = connect(listener)) {
        socket.getOutputStream().write('?');
        assertEquals('!', socket.getInputStream().read()); // now it is accepted
        reads.set(0);
        for (int i = 1; i <= 20; i++) {
          AtomicInteger before = new AtomicInteger(-1);
          CountDownLatch over = new CountDownLatch(2);
          one.run(
              () -> {
                socket.getOutputStream().write('?');
                one.worker()
                    .afterReads(
                        () -> {
                          before.set(reads.get());
                          over.countDown();
                          one.worker().afterReads(over::countDown); // is for the next reads
                        });
              });
          assertTrue(over.await(10, TimeUnit.SECONDS));
          assertEquals(i, before.get());
          assertEquals('!', socket.getInputStream().read());
        }
      }
    }
  }

  /** A client that is paused in the middle of what it sends: no more of it is read. */
  @Test
  void aPausedChannelIsNotReadFrom() throws Exception {
    try (OneWorker one = new OneWorker()) {
      AtomicInteger reads = new AtomicInteger();
      CountDownLatch first = new CountDownLatch(1);
      CountDownLatch accepted = new CountDownLatch(1);
      List<Channel> channels = new ArrayList<>();
      Channel listener =
          listen(
              one,
              channel -> {
                channel.config().setAutoRead(false);
                channels.add(channel);
                accepted.countDown();
                return new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object msg) {
                    ((ByteBuf) msg).release();
                    reads.incrementAndGet();
                    ctx.channel().config().setAutoRead(false);
                    first.countDown();
                  }
                };
              });
      try (Socket socket = connect(listener)) {
        socket.getOutputStream().write(new byte[200_000]);
        assertTrue(accepted.await(10, TimeUnit.SECONDS));
        one.run(() -> channels.get(0).config().setAutoRead(true));
        assertTrue(first.await(10, TimeUnit.SECONDS));
        one.run(() -> assertEquals(1, reads.get()));
      }
    }
  }

  private static Channel listen(
      OneWorker one, Function<Channel, ChannelInboundHandlerAdapter> with) {
    return new ServerBootstrap()
        .group(one.group())
        .channelFactory(NioServerSocketChannel::new)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, one.worker().receiveBuffers())
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(with.apply(channel));
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
  }

  private static Socket connect(Channel listener) throws java.io.IOException {
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(30_000); // what hangs is not waited for for ever
    return socket;
  }

  /** Sends back what comes, now as one slice and now in small pieces. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    private final Outbound outbound;
    private int round;

    Echo(Worker worker, Channel channel) {
      outbound = new Outbound(worker, channel, Outbound.Side.CLIENT);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf in = (ByteBuf) msg;
      int step = round++ % 2 == 0 ? in.readableBytes() : 777;
      for (int at = in.readerIndex(); at < in.writerIndex(); at += step) {
        outbound.write(in, at, Math.min(step, in.writerIndex() - at));
      }
      in.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      outbound.discard();
    }
  }
}
