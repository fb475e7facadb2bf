package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.acl.Users;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.TraceCounts;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.tracing.Tracing;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A pool that gets other users while clients are connected. */
final class PoolUsersTest {
  private static final Sockets SOCKETS =
      new Sockets(
          "nio",
          NioIoHandler.newFactory(),
          NioSocketChannel::new,
          NioServerSocketChannel::new,
          NioDomainSocketChannel::new,
          NioServerDomainSocketChannel::new,
          UnixDomainSocketAddress::of);

  private static PoolSettings settings() throws ConfigException {
    return HoconReader.read(
            """
            cashew.pools.p {
              listen = "127.0.0.1:0", nodes = [ "127.0.0.1:1" ]
              auth.users { stays.rules = "on nopass +echo", goes.rules = "on nopass +echo" }
            }
            """,
            "cashew.conf")
        .pools()
        .get(0);
  }

  @Test
  void clientsHaveTheNewRightsAndThoseWhoseUserIsOffAreClosed() throws Exception {
    WorkerGroup workers =
        new WorkerGroup(2, 1, SOCKETS.ioHandlers(), PooledByteBufAllocator.DEFAULT, Long.MAX_VALUE);
    ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    try (MetricsRegistry metrics = new MetricsRegistry(new Build("test", "test", "nio"))) {
      Names names = Names.of(NameLookup.OF_THIS_MACHINE, () -> {});
      Facts facts = new Facts("test", "nio", 0, List.of(), () -> 0, 0);
      Pool pool =
          new Pool(
              settings(),
              new ProxyParts(
                  workers,
                  SOCKETS,
                  control,
                  names,
                  Sources.CONFIGURED,
                  new SentinelGroups(workers, SOCKETS, names, control),
                  Descriptors.unlimited(),
                  metrics,
                  facts,
                  new Retirements(control, Ticker.systemTicker()),
                  () -> 0,
                  new Tracing(new TraceCounts())));
      pool.listen(Listening.open(pool.settings(), workers, SOCKETS));
      int port = assertInstanceOf(InetSocketAddress.class, pool.address()).getPort();
      try (RawClient stays = new RawClient(port);
          RawClient goes = new RawClient(port);
          RawClient nobody = new RawClient(port)) {
        assertEquals("OK", stays.send("AUTH", "stays", ""));
        assertEquals("OK", goes.send("AUTH", "goes", ""));
        assertEquals("x", goes.send("ECHO", "x"));
        assertEquals("x", nobody.send("ECHO", "x"));
        Map<String, String> rules = Map.of("stays", "on nopass +ping", "goes", "off nopass +echo");
        pool.install(Users.of(rules, null, CommandTable.standard()));
        assertTrue(goes.ends());
        Await.until("rights change", () -> "PONG".equals(stays.send("PING")));
        assertEquals(
            new ErrorReply("NOPERM User stays has no permissions to run the 'echo' command"),
            stays.send("ECHO", "x"));
        assertEquals("x", nobody.send("ECHO", "x"));
      }
      pool.close();
    } finally {
      control.shutdownNow();
      assertTrue(workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000));
    }
  }
}
