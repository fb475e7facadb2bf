package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.SpareBuffers;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.memcached.Words;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How the replies of several memcached servers become one. Confined to a worker. */
final class MemcachedJoins {
  /** Items are given together, in pieces that are small enough to be copied. */
  private static final int PIECE = Outbound.SLICE_FROM / 2;

  private final ByteBufAllocator allocator;
  private final SpareBuffers batches;

  MemcachedJoins(Worker worker) {
    allocator = worker.allocator();
    batches = worker.batches();
  }

  /** Items in the order of the keys; a node that fails is the whole answer. */
  void items(Gather of, InFlight to) {
    Part wrong = firstError(of);
    if (wrong != null) {
      giveError(wrong, to);
    } else {
      itemsOfThoseThatAnswer(of, to);
    }
  }

  /** Items in the order of the keys; what a node that fails has is missing. */
  void itemsOfThoseThatAnswer(Gather of, InFlight to) {
    for (int i = 0; i < of.count(); i++) {
      of.part(i).expected().rewind();
    }
    ByteBuf piece = batches.take();
    try {
      for (int i = 0; i < of.keyCount(); i++) {
        Part part = of.partOfKey(i);
        int length = isError(part) ? 0 : part.itemOfNextKey();
        if (length == 0) {
          continue;
        }
        if (piece.isReadable() && piece.readableBytes() + length > PIECE) {
          ByteBuf full = piece;
          piece = batches.take(); // if there is none, the full one is not given back twice
          give(full, to);
        }
        if (length <= PIECE) {
          part.writeElement(piece, length);
        } else {
          part.giveElement(to, length, false);
        }
      }
      piece.writeBytes(Words.END);
      to.onReply(piece, 0, piece.readableBytes(), true);
    } finally {
      batches.give(piece);
    }
  }

  private void give(ByteBuf batch, InFlight to) {
    try {
      to.onReply(batch, 0, batch.readableBytes(), false);
    } finally {
      batches.give(batch);
    }
  }

  /** What the first says if no other fails. */
  void allSucceeded(Gather of, InFlight to) {
    Part wrong = firstError(of);
    if (wrong != null) {
      giveError(wrong, to);
    } else {
      of.part(0).giveRest(to, true);
    }
  }

  /** What the first says that does not fail. */
  void oneSucceeded(Gather of, InFlight to) {
    for (int i = 0; i < of.count(); i++) {
      if (!isError(of.part(i))) {
        of.part(i).giveRest(to, true);
        return;
      }
    }
    giveError(of.part(0), to);
  }

  /**
   * The lines of all, each with its node's name before that of the number, and that of the pool if
   * they are of several.
   */
  void stats(Gather of, InFlight to) {
    Part wrong = firstError(of);
    if (wrong != null) {
      giveError(wrong, to);
      return;
    }
    ByteBuf out = allocator.directBuffer();
    try {
      byte[] single = null;
      boolean ofSeveralPools = false;
      for (int i = 1; i < of.count(); i++) {
        ofSeveralPools |= !of.part(i).poolName().equals(of.part(0).poolName());
      }
      for (int i = 0; i < of.count(); i++) {
        byte[] other = addStats(of.part(i), ofSeveralPools, out);
        single = single == null ? other : single;
      }
      out.writeBytes(single == null ? Words.END : single);
      to.onReply(out, 0, out.readableBytes(), true);
    } finally {
      out.release();
    }
  }

  /** Adds the lines of one. @return its last line if that is not the end of a list */
  private static byte @Nullable [] addStats(Part part, boolean ofSeveralPools, ByteBuf out) {
    String name = (ofSeveralPools ? part.poolName() + "/" : "") + part.nodeName() + "/";
    for (String line : part.text().split("\r\n", -1)) {
      int space = line.indexOf(' ');
      if (line.startsWith("STAT ") || line.startsWith("ITEM ")) {
        String named = line.substring(0, space + 1) + name + line.substring(space + 1);
        out.writeBytes((named + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      } else if (!line.isEmpty() && !line.equals("END")) {
        return Words.line(line);
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- errors

  private static @Nullable Part firstError(Gather of) {
    for (int i = 0; i < of.count(); i++) {
      if (isError(of.part(i))) {
        return of.part(i);
      }
    }
    return null;
  }

  private static boolean isError(Part part) {
    return part.isError() || part.isErrorLine();
  }

  /** The error alone: items that a server has said before it are not given. */
  private static void giveError(Part wrong, InFlight to) {
    NodeFailure failure = wrong.failure();
    if (failure != null) {
      wrong.giveError(to);
    } else {
      byte[] line = wrong.lastLine();
      to.onReply(Unpooled.wrappedBuffer(line), 0, line.length, true);
    }
  }
}
