package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.command.ResponsePolicy;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.memcached.ExpectedReply;
import io.cashew.proxy.memcached.ReplyShape;
import io.cashew.proxy.memcached.Verb;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Route;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests of memcached's text protocol that concern several nodes, and has one reply made of
 * what these say. One per pool and worker, confined to it.
 */
public final class MemcachedNodes {
  private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Worker worker;
  private final Router router;
  private final PoolRecorder recorder;
  private final Gathers gathers;
  private final MemcachedJoins joins;
  private final Joiner items;
  private final Joiner itemsOfThoseThatAnswer;
  private final Route route = new Route();

  /** By shard, counted from 1; 0: it has no part, as between requests. */
  private int[] partOfShard = new int[8];

  // Of each part of the request that is being cut:
  private Backend[] servers = new Backend[8];
  private int[] keyBytes = new int[8];
  private int[] keyCounts = new int[8];
  private int[] shards = new int[8];
  private int parts;

  /**
   * Sends nothing yet.
   *
   * @param worker whose thread this is confined to
   * @param router finds the nodes
   * @param recorder counts for the pool on this worker
   */
  public MemcachedNodes(Worker worker, Router router, PoolRecorder recorder) {
    this.worker = worker;
    this.router = router;
    this.recorder = recorder;
    gathers = new Gathers(worker, 0);
    joins = new MemcachedJoins(worker);
    items = joins::items;
    itemsOfThoseThatAnswer = joins::itemsOfThoseThatAnswer;
  }

  /** Holds at most so many bytes of replies for one request. */
  public void maxGathered(long bytes) {
    gathers.maxGathered = bytes;
  }

  // ---------------------------------------------------------------- by keys

  /**
   * Asks for the items of keys, each node for its own.
   *
   * @param frame the request, whose last words are keys; borrowed
   * @param first the word that is the first key
   * @param missingOnFailure whether what a node does not give is missing; if not, an error
   * @return who has much to send
   */
  public Route get(
      RequestFrame frame, int first, boolean missingOnFailure, Exchange reply, Lane lane) {
    assert worker.inThread();
    int keys = frame.argc() - first;
    if (keys == 1 && !missingOnFailure) {
      return sendWhole(frame, first, router.nodeFor(frame, first), reply, lane);
    }
    recorder.multiKeyRequests += keys > 1 ? 1 : 0;
    Gather gather = gathers.take();
    cut(gather.partOfKeys(keys), keys, frame, first);
    if (parts == 1 && !missingOnFailure) {
      gather.giveBack();
      return sendWhole(frame, first, shards[0], reply, lane);
    }
    gather.begin(reply, ResponsePolicy.SPECIAL, true);
    gather.joinedBy(missingOnFailure ? itemsOfThoseThatAnswer : items);
    return route.sent(send(gather, frame, first, keys, lane));
  }

  private Route sendWhole(RequestFrame frame, int first, int shard, Exchange reply, Lane lane) {
    ExpectedReply expected = reply.expected().begin(ReplyShape.VALUES);
    for (int word = first; word < frame.argc(); word++) {
      expected.addKey(frame.buf(), frame.offset(word), frame.length(word));
    }
    return router.send(router.backends().get(shard), frame, reply, lane);
  }

  /** Finds the part of each key; parts are in the order of their first keys. */
  private void cut(int[] partOfKey, int keys, RequestFrame frame, int first) {
    parts = 0;
    for (int key = 0; key < keys; key++) {
      int part = partOf(router.nodeFor(frame, first + key));
      keyBytes[part] += 1 + frame.length(first + key);
      keyCounts[part]++;
      partOfKey[key] = part;
    }
    for (int part = 0; part < parts; part++) {
      partOfShard[shards[part]] = 0;
    }
  }

  private int partOf(int shard) {
    if (shard >= partOfShard.length) {
      partOfShard = Arrays.copyOf(partOfShard, Integer.highestOneBit(shard) << 1);
    }
    if (partOfShard[shard] == 0) {
      if (parts == shards.length) {
        servers = Arrays.copyOf(servers, 2 * parts);
        keyBytes = Arrays.copyOf(keyBytes, 2 * parts);
        keyCounts = Arrays.copyOf(keyCounts, 2 * parts);
        shards = Arrays.copyOf(shards, 2 * parts);
      }
      shards[parts] = shard;
      servers[parts] = router.backends().get(shard);
      keyBytes[parts] = 0;
      keyCounts[parts] = 0;
      partOfShard[shard] = ++parts;
    }
    return partOfShard[shard] - 1;
  }

  /** Sends what was cut. @return who has so much to send that its feeders should pause; or null */
  private @Nullable Backend send(
      Gather gather, RequestFrame frame, int first, int keys, Lane lane) {
    recorder.fragments += parts;
    int beginning = frame.offset(first - 1) + frame.length(first - 1) - frame.offset(0);
    Backend overloaded = null;
    for (int i = 0; i < parts; i++) {
      Backend to = servers[i];
      Part part = gather.add(i, to, keyCounts[i]);
      ExpectedReply expected = part.expected().begin(ReplyShape.VALUES);
      for (int key = 0; key < keys; key++) {
        if (gather.isOfPart(key, i)) {
          expected.addKey(frame.buf(), frame.offset(first + key), frame.length(first + key));
        }
      }
      Outbound out = to.begin(part, lane, beginning + keyBytes[i] + LINE_END.length);
      if (out != null) { // else it has failed
        out.write(frame.buf(), frame.offset(0), beginning);
        for (int key = 0; key < keys; key++) {
          if (gather.isOfPart(key, i)) {
            out.write(frame.buf(), frame.offset(first + key) - 1, frame.length(first + key) + 1);
          }
        }
        out.write(LINE_END, 0, LINE_END.length);
      }
    }
    for (int i = 0; i < parts; i++) {
      overloaded = servers[i].overloaded(lane) ? servers[i] : overloaded;
    }
    gather.allSent();
    return overloaded;
  }

  // ---------------------------------------------------------------- to all nodes

  /**
   * Sends a request to every node.
   *
   * @param lastWordLess whether without its last word, which wants no reply
   * @return who has much to send
   */
  public Route toAll(
      RequestFrame frame, Verb verb, boolean lastWordLess, Exchange reply, Lane lane) {
    assert worker.inThread();
    ByteBuf request = lastWordLess ? withoutLastWord(frame) : frame.buf();
    int index = lastWordLess ? 0 : frame.start();
    int length = lastWordLess ? request.readableBytes() : frame.length();
    List<Backend> to = router.servers();
    if (to.size() == 1) {
      reply.expected().begin(verb.reply());
      Backend only = to.get(0);
      only.send(request, index, length, reply, lane);
      return route.sent(only.overloaded(lane) ? only : null);
    }
    Gather gather = gathers.take();
    gather.begin(reply, ResponsePolicy.SPECIAL, verb != Verb.FLUSH_ALL);
    gather.joinedBy(
        switch (verb) {
          case STATS -> joins::stats;
          case VERSION -> joins::oneSucceeded;
          default -> joins::allSucceeded;
        });
    recorder.fragments += to.size();
    Backend overloaded = null;
    for (int i = 0; i < to.size(); i++) {
      Backend backend = to.get(i);
      Part part = gather.add(i, backend, 0);
      part.expected().begin(verb.reply());
      backend.send(request, index, length, part, lane);
      overloaded = backend.overloaded(lane) ? backend : overloaded;
    }
    gather.allSent();
    return route.sent(overloaded);
  }

  private static ByteBuf withoutLastWord(RequestFrame frame) {
    int line = frame.offset(frame.argc() - 1) - frame.start();
    return Unpooled.buffer(line + LINE_END.length)
        .writeBytes(frame.buf(), frame.start(), line)
        .writeBytes(LINE_END);
  }
}
