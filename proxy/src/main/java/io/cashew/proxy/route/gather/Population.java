package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.ResponsePolicy;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code DEBUG POPULATE} over several nodes: each key on the node where it is looked for, which a
 * node by itself cannot know. Confined to a worker.
 *
 * <p>Keys go out in chunks, a script for those of each group; the next chunk follows when all of
 * these were answered. This is what takes the merged reply to a chunk.
 */
final class Population extends InFlight {
  private static final int CHUNK_KEYS = 1000;
  private static final int CHUNK_BYTES = 1 << 20;

  /** Like Redis's own, it leaves keys that exist as they are. */
  private static final byte[] SCRIPT =
      Replies.bytes("for i,k in ipairs(KEYS) do redis.call('SET',k,ARGV[i],'NX') end");

  private static final byte[] OK = Replies.simple("OK");

  private record Entry(byte[] key, byte[] value) {}

  private final Gathers gathers;
  private final Router router;
  private final Lane lane;
  private final Exchange reply;
  private final long count;
  private final String prefix;

  /** Bytes of each value; 0: those of its text. */
  private final int size;

  private long next;

  /** Whether a node has answered with an error, of which more may come. */
  private boolean wrong;

  private Population(
      Gathers gathers,
      Router router,
      Lane lane,
      Exchange reply,
      long count,
      String prefix,
      int size) {
    this.gathers = gathers;
    this.router = router;
    this.lane = lane;
    this.reply = reply;
    this.count = count;
    this.prefix = prefix;
    this.size = size;
  }

  /**
   * Begins one.
   *
   * @param frame {@code DEBUG POPULATE count [prefix [size]]}; borrowed
   * @param reply takes OK, or an error of a node
   * @param gathers wait for each chunk
   * @param router finds the nodes of keys
   * @param lane of the client
   * @return whether it has begun; if not, a number of the request is not one
   */
  static boolean begin(
      RequestFrame frame, Exchange reply, Gathers gathers, Router router, Lane lane) {
    try {
      long count = Long.parseLong(argument(frame, 2, "0"));
      int size = Integer.parseInt(argument(frame, 4, "0"));
      if (count < 0 || size < 0) {
        return false;
      }
      String prefix = argument(frame, 3, "key");
      new Population(gathers, router, lane, reply, count, prefix, size).sendChunk();
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String argument(RequestFrame frame, int index, String otherwise) {
    return index < frame.argc()
        ? frame
            .buf()
            .toString(frame.offset(index), frame.length(index), StandardCharsets.ISO_8859_1)
        : otherwise;
  }

  private void sendChunk() {
    if (next >= count) {
      reply.onReply(Unpooled.wrappedBuffer(OK), 0, OK.length, true);
      return;
    }
    int before = router.speaksFor(lane.routes());
    Map<Integer, List<Entry>> byGroup = new TreeMap<>();
    long bytes = 0;
    for (int keys = 0; next < count && keys < CHUNK_KEYS && bytes < CHUNK_BYTES; keys++, next++) {
      Entry entry = new Entry(latin1(prefix + ":" + next), value(next));
      byGroup.computeIfAbsent(router.groupOf(entry.key()), of -> new ArrayList<>()).add(entry);
      bytes += entry.value().length;
    }
    router.speaksFor(before);
    Gather chunk = gathers.take();
    chunk.begin(reply, this, ResponsePolicy.ALL_SUCCEEDED, true);
    byGroup.forEach(
        (group, entries) -> {
          Backend to = router.backendOf(group);
          ByteBuf request = request(entries);
          to.send(request, 0, request.readableBytes(), chunk.expect(to), lane);
        });
    chunk.allSent();
  }

  private byte[] value(long number) {
    byte[] text = latin1("value:" + number);
    return size == 0 ? text : Arrays.copyOf(text, size);
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ByteBuf request(List<Entry> entries) {
    ByteBuf request = Unpooled.buffer();
    Replies.writeArrayHeader(request, 3 + 2L * entries.size());
    Replies.writeBulk(request, "EVAL");
    Replies.writeBulk(request, SCRIPT);
    Replies.writeBulk(request, Integer.toString(entries.size()));
    entries.forEach(entry -> Replies.writeBulk(request, entry.key()));
    entries.forEach(entry -> Replies.writeBulk(request, entry.value()));
    return request;
  }

  /** What the nodes say to one chunk: nothing, or an error. */
  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    if (length > 0 && buf.getByte(index) == '-') {
      wrong = true;
    }
    if (wrong) {
      reply.onReply(buf, index, length, last);
    } else if (last) {
      sendChunk();
    }
  }

  @Override
  public void onFailure(NodeFailure nodeFailure) {
    reply.onFailure(nodeFailure);
  }

  /** Never stalls: a chunk's reply is short. */
  @Override
  public void onStallTimeout() {}
}
