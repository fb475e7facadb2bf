package io.cashew.proxy.route;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replies of several nodes that are held whole until all are here, and then made into one by whom
 * it may concern. For requests that are rare. Confined to the worker.
 *
 * <p>An error of any node is the whole answer: that of the first in order.
 */
public final class GatheredReplies {

  /** Makes one reply of all. */
  public interface Merger {
    /**
     * Makes the reply.
     *
     * @param replies one a node, in the order in which they were asked for, each whole; borrowed
     * @param out where the reply goes; borrowed
     * @throws ProtocolException if a reply is not of the kind that was asked for
     */
    void merge(List<ByteBuf> replies, ByteBuf out);
  }

  private final ByteBufAllocator allocator;
  private final InFlight reply;
  private final long maxGathered;
  private final Merger merger;
  private final List<Part> parts = new ArrayList<>();
  private int missing;
  private long gatheredBytes;
  private @Nullable NodeFailure failure;

  /**
   * Gathers nothing yet.
   *
   * @param allocator where buffers come from
   * @param reply takes the merged reply
   * @param maxGathered most bytes of all replies together
   * @param merger makes one of them
   */
  public GatheredReplies(
      ByteBufAllocator allocator, InFlight reply, long maxGathered, Merger merger) {
    this.allocator = allocator;
    this.reply = reply;
    this.maxGathered = maxGathered;
    this.merger = merger;
  }

  /** Expects this many replies. @return what takes each; all must be sent, or failed */
  public List<InFlight> expect(int count) {
    missing = count;
    for (int i = 0; i < count; i++) {
      parts.add(new Part(allocator.directBuffer(64)));
    }
    return List.copyOf(parts);
  }

  private void onePartDone() {
    if (--missing > 0) {
      return;
    }
    try {
      answer();
    } finally {
      parts.forEach(part -> part.bytes.release());
    }
  }

  private void answer() {
    if (failure != null) {
      reply.onFailure(failure);
      return;
    }
    for (Part part : parts) {
      if (part.bytes.getByte(0) == '-') {
        reply.onReply(part.bytes, 0, part.bytes.readableBytes(), true);
        return;
      }
    }
    ByteBuf out = allocator.directBuffer();
    try {
      merger.merge(parts.stream().map(part -> part.bytes).toList(), out);
      reply.onReply(out, 0, out.readableBytes(), true);
    } catch (ProtocolException e) {
      reply.onFailure(
          NodeFailure.of(FailureKind.PROTOCOL, "Invalid reply (" + e.getMessage() + ")"));
    } finally {
      out.release();
    }
  }

  private final class Part extends InFlight {
    private final ByteBuf bytes;

    Part(ByteBuf bytes) {
      this.bytes = bytes;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      gatheredBytes += length;
      if (gatheredBytes <= maxGathered) {
        bytes.writeBytes(buf, index, length);
      } else if (failure == null) {
        failure =
            NodeFailure.of(
                FailureKind.OVERLOADED,
                "The replies of the nodes are larger than " + maxGathered + " bytes");
      }
      if (last) {
        onePartDone();
      }
    }

    @Override
    public void onFailure(NodeFailure partFailure) {
      if (failure == null) {
        failure = partFailure;
      }
      onePartDone();
    }

    /** Never stalls: replies are held whole. */
    @Override
    public void onStallTimeout() {}
  }
}
