package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisProtocol;

/** The subscribers of Jedis and Lettuce, through the proxy to three real nodes. */
final class PubSubClientsTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start());
    }
    proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  private static String next(BlockingQueue<String> events) throws InterruptedException {
    return String.valueOf(events.poll(10, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RESP2", "RESP3"})
  void jedisListensToChannelsAndPatterns(String protocol) throws InterruptedException {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    JedisPubSub subscriber =
        new JedisPubSub() {
          @Override
          public void onSubscribe(String channel, int subscribed) {
            events.add("subscribed " + channel + " " + subscribed);
          }

          @Override
          public void onPSubscribe(String pattern, int subscribed) {
            events.add("psubscribed " + pattern + " " + subscribed);
          }

          @Override
          public void onUnsubscribe(String channel, int subscribed) {
            events.add("unsubscribed " + channel + " " + subscribed);
          }

          @Override
          public void onMessage(String channel, String message) {
            events.add(channel + ": " + message);
          }

          @Override
          public void onPMessage(String pattern, String channel, String message) {
            events.add(pattern + " " + channel + ": " + message);
          }
        };
    var settings =
        DefaultJedisClientConfig.builder().protocol(RedisProtocol.valueOf(protocol)).build();
    HostAndPort address = new HostAndPort("127.0.0.1", proxy.port());
    CountDownLatch over = new CountDownLatch(1);
    Thread listener =
        new Thread(
            () -> {
              try (Jedis jedis = new Jedis(address, settings)) {
                jedis.subscribe(subscriber, "jedis:one", "jedis:two");
              }
              over.countDown();
            },
            "jedis subscriber");
    listener.setDaemon(true);
    listener.start();
    assertEquals("subscribed jedis:one 1", next(events));
    assertEquals("subscribed jedis:two 2", next(events));
    subscriber.psubscribe("*:one");
    assertEquals("psubscribed *:one 3", next(events));
    try (Jedis publisher = new Jedis(address, settings)) {
      assertEquals(1, publisher.publish("jedis:two", "hello"));
      assertEquals("jedis:two: hello", next(events));
      assertEquals(2, publisher.publish("jedis:one", "hello"));
      assertEquals("jedis:one: hello", next(events));
      assertEquals("*:one jedis:one: hello", next(events));
      if (protocol.equals("RESP2")) {
        subscriber.ping(); // with RESP3 Jedis 8.0 gives up if the answer is there at once
      }
      subscriber.punsubscribe();
      subscriber.unsubscribe("jedis:one", "jedis:two");
      assertEquals("unsubscribed jedis:one 1", next(events));
      assertEquals("unsubscribed jedis:two 0", next(events));
      assertEquals(true, over.await(10, TimeUnit.SECONDS));
      assertEquals(0, publisher.publish("jedis:one", "nobody"));
    }
  }

  @Test
  void lettuceListensAndGoesOnIssuingCommands() throws InterruptedException {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + proxy.port());
    try (StatefulRedisPubSubConnection<String, String> connection = client.connectPubSub()) {
      connection.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
              events.add(channel + ": " + message);
            }

            @Override
            public void message(String pattern, String channel, String message) {
              events.add(pattern + " " + channel + ": " + message);
            }
          });
      connection.sync().subscribe("lettuce:one", "lettuce:two");
      connection.sync().psubscribe("lettuce:t*");
      for (int i = 0; i < 100; i++) {
        assertEquals("OK", connection.sync().set("k" + i, "v" + i));
        assertEquals(1, connection.sync().publish("lettuce:one", "m" + i));
        assertEquals("v" + i, connection.sync().get("k" + i));
        assertEquals("lettuce:one: m" + i, next(events));
      }
      assertEquals(2, connection.sync().publish("lettuce:two", "m"));
      assertEquals("lettuce:two: m", next(events));
      assertEquals("lettuce:t* lettuce:two: m", next(events));
      connection.sync().unsubscribe();
      connection.sync().punsubscribe();
      assertEquals(0, connection.sync().publish("lettuce:two", "nobody"));
    } finally {
      client.shutdown();
    }
    Await.until("nobody listens", () -> proxy.metric("cashew_subscribers{") == 0);
  }
}
