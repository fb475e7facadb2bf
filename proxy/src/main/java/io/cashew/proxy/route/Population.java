package io.cashew.proxy.route;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code DEBUG POPULATE} over several nodes: each key on the node where it is looked for, which a
 * node by itself cannot know. Confined to a worker.
 *
 * <p>Keys go out in chunks, a script for each node; the next chunk follows when all nodes have
 * answered.
 */
final class Population {
  private static final int CHUNK_KEYS = 1000;
  private static final int CHUNK_BYTES = 1 << 20;

  /** Like Redis's own, it leaves keys that exist as they are. */
  private static final byte[] SCRIPT =
      Replies.bytes("for i,k in ipairs(KEYS) do redis.call('SET',k,ARGV[i],'NX') end");

  private static final byte[] OK = Replies.simple("OK");

  /** What a population needs of the router. */
  interface Nodes {
    int nodeFor(byte[] key);

    void send(int node, ByteBuf request, InFlight reply);
  }

  private record Entry(byte[] key, byte[] value) {}

  private final Nodes nodes;
  private final InFlight reply;
  private final long count;
  private final String prefix;

  /** Bytes of each value; 0: those of its text. */
  private final int size;

  private long next;
  private int unanswered;
  private byte @Nullable [] error;
  private @Nullable NodeFailure failure;

  private Population(Nodes nodes, InFlight reply, long count, String prefix, int size) {
    this.nodes = nodes;
    this.reply = reply;
    this.count = count;
    this.prefix = prefix;
    this.size = size;
  }

  /**
   * Begins one.
   *
   * @param frame {@code DEBUG POPULATE count [prefix [size]]}; borrowed
   * @return whether it has begun; if not, a number of the request is not one
   */
  static boolean begin(RequestFrame frame, InFlight reply, Nodes nodes) {
    try {
      long count = Long.parseLong(argument(frame, 2, "0"));
      int size = Integer.parseInt(argument(frame, 4, "0"));
      if (count < 0 || size < 0) {
        return false;
      }
      new Population(nodes, reply, count, argument(frame, 3, "key"), size).sendChunk();
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
    List<List<Entry>> byNode = new ArrayList<>();
    long bytes = 0;
    for (int keys = 0; next < count && keys < CHUNK_KEYS && bytes < CHUNK_BYTES; keys++, next++) {
      Entry entry = new Entry(latin1(prefix + ":" + next), value(next));
      int node = nodes.nodeFor(entry.key());
      while (byNode.size() <= node) {
        byNode.add(new ArrayList<>());
      }
      byNode.get(node).add(entry);
      bytes += entry.value().length;
    }
    unanswered = 1; // one for this method: a node may fail before all are asked
    for (int node = 0; node < byNode.size(); node++) {
      if (!byNode.get(node).isEmpty()) {
        unanswered++;
        nodes.send(node, request(byNode.get(node)), new Part());
      }
    }
    answered();
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

  private void answered() {
    if (--unanswered > 0) {
      return;
    }
    byte[] wrong = error;
    NodeFailure failed = failure;
    if (failed != null) {
      reply.onFailure(failed);
    } else if (wrong != null) {
      give(wrong);
    } else if (next < count) {
      sendChunk();
    } else {
      give(OK);
    }
  }

  private void give(byte[] bytes) {
    reply.onReply(Unpooled.wrappedBuffer(bytes), 0, bytes.length, true);
  }

  /** What one node says to one chunk: nothing, or an error. */
  private final class Part extends InFlight {
    private final ByteBuf bytes = Unpooled.buffer();

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      bytes.writeBytes(buf, index, length);
      if (last) {
        if (bytes.getByte(0) == '-') {
          error = new byte[bytes.readableBytes()];
          bytes.readBytes(error);
        }
        answered();
      }
    }

    @Override
    public void onFailure(NodeFailure nodeFailure) {
      failure = nodeFailure;
      answered();
    }

    /** Never stalls: a chunk's reply is short. */
    @Override
    public void onStallTimeout() {}
  }
}
