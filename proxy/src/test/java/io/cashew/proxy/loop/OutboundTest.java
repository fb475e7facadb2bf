package io.cashew.proxy.loop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What leaves a channel, in which order, in how many writes. Each test is one task of a worker. */
@ExtendWith(LeakCheck.class)
final class OutboundTest {
  private final OneWorker one = new OneWorker();
  private final Worker worker = one.worker();

  @AfterEach
  void stop() {
    one.close();
  }

  private Outbound outbound(Destination destination) {
    return new Outbound(worker, destination.channel, Outbound.Side.CLIENT);
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void write(Outbound outbound, String text) {
    outbound.write(text.getBytes(US_ASCII), 0, text.length());
  }

  /** So many clients, and a thread so busy, that batches may wait for more. */
  private void muchIsGoingOn() {
    Pacing pacing = worker.pacing();
    for (long tick = 1; tick <= 2; tick++) {
      for (int i = 0; i < Pacing.FROM_CLIENTS; i++) {
        pacing.clientActive();
      }
      pacing.tick(tick * 20_000_000, tick * 15_000_000);
    }
  }

  @Test
  void whileMuchIsGoingOnABatchWaitsForWhatIsOwed() throws Exception {
    one.run(
        () -> {
          muchIsGoingOn();
          Destination destination = new Destination();
          Outbound outbound = outbound(destination);
          boolean[] owed = {true};
          outbound.waitFor(() -> owed[0]);
          write(outbound, "first ");
          worker.endIteration();
          assertEquals(0, destination.flushes);
          assertTrue(worker.batchesWait());

          Destination other = new Destination();
          Outbound toOther = outbound(other);
          toOther.waitFor(() -> false);
          write(toOther, "all of it");
          write(outbound, "second");
          owed[0] = false;
          worker.endIteration();
          assertEquals(1, other.flushes);
          assertEquals(1, destination.flushes);
          assertEquals("first second", destination.bytes.toString(US_ASCII));
          assertTrue(!worker.batchesWait());
        });
  }

  @Test
  void aBatchWaitsForAMomentOnly() throws Exception {
    WorkerLoop loop = (WorkerLoop) worker.eventLoop();
    Destination destination = new Destination();
    one.run(
        () -> {
          muchIsGoingOn();
          Outbound outbound = outbound(destination);
          outbound.waitFor(() -> true);
          write(outbound, "reply");
          worker.endIteration();
          long now = System.nanoTime();
          assertTrue(
              loop.delayNanos(now) <= Pacing.LONGEST_BATCH_NANOS, "the loop does not sleep longer");
          assertTrue(loop.deadlineNanos() >= 0);
          while (System.nanoTime() - now <= Pacing.LONGEST_BATCH_NANOS) {
            Thread.onSpinWait();
          }
          assertEquals(0, loop.delayNanos(System.nanoTime()), "it does not sleep at all");
          worker.endIteration();
          assertEquals(1, destination.flushes);
        });
  }

  @Test
  void aLargeBatchWaitsForNothing() throws Exception {
    one.run(
        () -> {
          muchIsGoingOn();
          for (int bytes : new int[] {Outbound.SLICE_FROM, Outbound.MAX_BATCH + 1}) {
            Destination destination = new Destination();
            Outbound outbound = outbound(destination);
            outbound.waitFor(() -> true);
            outbound.write(new byte[bytes], 0, bytes);
            worker.endIteration();
            assertEquals(bytes, destination.bytes.size());
          }
        });
  }

  @Test
  void piecesLeaveInOneWriteADestination() throws Exception {
    one.run(
        () -> {
          Destination first = new Destination();
          Destination second = new Destination();
          Outbound toFirst = outbound(first);
          Outbound toSecond = outbound(second);
          for (int i = 0; i < 100; i++) {
            write(toFirst, "a" + i);
            write(toSecond, "b" + i);
          }
          assertEquals(0, first.writes.size());
          worker.flushDirty();
          for (Destination destination : List.of(first, second)) {
            assertEquals(1, destination.writes.size());
            assertEquals(1, destination.flushes);
          }
          assertTrue(first.bytes.toString(US_ASCII).startsWith("a0a1a2a3"));
          assertTrue(second.bytes.toString(US_ASCII).endsWith("b98b99"));
          worker.flushDirty();
          assertEquals(1, first.flushes, "nothing is flushed that has nothing");
        });
  }

  @Test
  void nodesAreWrittenBeforeClients() throws Exception {
    one.run(
        () -> {
          List<String> order = new ArrayList<>();
          Destination client = new Destination();
          Destination node = new Destination();
          client.onWrite(() -> order.add("client"));
          node.onWrite(() -> order.add("node"));
          write(new Outbound(worker, client.channel, Outbound.Side.CLIENT), "reply");
          write(new Outbound(worker, node.channel, Outbound.Side.NODE), "request");
          worker.flushDirty();
          assertEquals(List.of("node", "client"), order);
        });
  }

  @Test
  void whatAWriteSetsInMotionLeavesInTheSameIteration() throws Exception {
    one.run(
        () -> {
          Destination client = new Destination();
          Destination node = new Destination();
          Outbound toNode = new Outbound(worker, node.channel, Outbound.Side.NODE);
          client.onWrite(() -> write(toNode, "more"));
          write(outbound(client), "reply");
          worker.flushDirty();
          assertEquals("more", node.bytes.toString(US_ASCII));
        });
  }

  /** Every way to write, every size around the limits, with and without holding: one order. */
  @Test
  void bytesKeepTheirOrder() throws Exception {
    long seed = Long.getLong("cashew.seed", 20_260_101L);
    one.run(
        () -> {
          Random random = new Random(seed);
          for (int round = 0; round < 100; round++) {
            writeAtRandom(random, "round " + round + " of seed " + seed);
          }
        });
  }

  private void writeAtRandom(Random random, String why) {
    int[] lengths = {
      0,
      1,
      100,
      Outbound.SLICE_FROM - 1,
      Outbound.SLICE_FROM,
      Outbound.MAX_BATCH / 2,
      Outbound.MAX_BATCH,
      Outbound.MAX_BATCH + 1,
      3 * Outbound.MAX_BATCH
    };
    Destination destination = new Destination();
    Outbound outbound = outbound(destination);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    boolean held = random.nextBoolean();
    if (held) {
      outbound.hold();
    }
    long left = 0;
    for (int i = 0; i < 20; i++) {
      byte[] bytes = random(random, lengths[random.nextInt(lengths.length)]);
      int offset = random.nextInt(5);
      switch (random.nextInt(4)) {
        case 0 -> {
          byte[] around = Arrays.copyOf(new byte[offset], offset + bytes.length + 3);
          System.arraycopy(bytes, 0, around, offset, bytes.length);
          outbound.write(around, offset, bytes.length);
        }
        case 1 -> {
          ByteBuf buf = worker.allocator().directBuffer().writeZero(offset).writeBytes(bytes);
          outbound.write(buf, offset, bytes.length);
          buf.release();
        }
        case 2 -> outbound.writeOwned(worker.allocator().directBuffer().writeBytes(bytes));
        default -> {
          byte[] piece = Arrays.copyOf(bytes, Math.min(bytes.length, Outbound.MAX_BATCH));
          outbound.reserve(piece.length).writeBytes(piece);
          bytes = piece;
        }
      }
      expected.writeBytes(bytes);
      left += bytes.length;
      if (held) {
        assertEquals(left, outbound.pendingBytes(), why);
      }
      if (random.nextInt(8) == 0) {
        worker.flushDirty();
      }
    }
    if (held) {
      assertEquals(0, destination.writes.size(), why);
      outbound.releaseHeld();
    }
    worker.flushDirty();
    assertArrayEquals(expected.toByteArray(), destination.bytes.toByteArray(), why);
    assertEquals(0, outbound.pendingBytes(), why);
  }

  @Test
  void heldBytesLeaveInOneFlushWhenTheyAreReleased() throws Exception {
    one.run(
        () -> {
          Destination destination = new Destination();
          Outbound outbound = outbound(destination);
          outbound.hold();
          write(outbound, "first ");
          worker.flushDirty();
          write(outbound, "second ");
          worker.endIteration();
          assertEquals(0, destination.flushes);
          write(outbound, "third");
          outbound.releaseHeld();
          worker.flushDirty();
          assertEquals("first second third", destination.bytes.toString(US_ASCII));
          assertEquals(1, destination.flushes);
          assertEquals(1, destination.writes.size());
        });
  }

  @Test
  void aBatchThatNobodyHoldsIsUsedAgain() throws Exception {
    one.run(
        () -> {
          Destination destination = new Destination();
          Outbound outbound = outbound(destination);
          write(outbound, "one");
          outbound.flush();
          write(outbound, "two");
          outbound.flush();
          assertSame(destination.writes.get(0), destination.writes.get(1));
          assertEquals("onetwo", destination.bytes.toString(US_ASCII));
        });
  }

  @Test
  void aBatchThatIsNotSentYetIsNotOverwritten() throws Exception {
    one.run(
        () -> {
          Destination destination = new Destination();
          destination.slow();
          Outbound outbound = outbound(destination);
          for (String piece : List.of("one", "two", "three")) {
            write(outbound, piece);
            outbound.flush();
          }
          assertNotSame(destination.writes.get(0), destination.writes.get(1));
          assertEquals("onetwothree", new String(destination.takeKept(), US_ASCII));
        });
  }

  /** Of a large piece no copy is made: its buffer stays until the piece is sent. */
  @Test
  void largePiecesAreNotCopied() throws Exception {
    one.run(
        () -> {
          Destination destination = new Destination();
          destination.slow();
          Outbound outbound = outbound(destination);
          ByteBuf value = worker.allocator().directBuffer().writeZero(2 * Outbound.SLICE_FROM);
          outbound.write(value, 0, Outbound.SLICE_FROM - 1);
          assertEquals(1, value.refCnt());
          outbound.write(value, 1, Outbound.SLICE_FROM);
          assertEquals(2, value.refCnt());
          outbound.flush();
          assertEquals(2, value.refCnt());
          assertEquals(2 * Outbound.SLICE_FROM - 1, destination.takeKept().length);
          assertEquals(1, value.refCnt());
          value.release();
        });
  }

  @Test
  void pendingBytesCountWhatTheChannelHasNotSent() throws Exception {
    one.run(
        () -> {
          EmbeddedChannel channel = new EmbeddedChannel();
          Outbound outbound = new Outbound(worker, channel, Outbound.Side.CLIENT);
          write(outbound, "abc");
          assertEquals(3, outbound.pendingBytes());
          outbound.writeOwned(worker.allocator().directBuffer().writeZero(10_000));
          assertTrue(outbound.pendingBytes() >= 10_003);
          assertEquals(
              channel.unsafe().outboundBuffer().totalPendingWriteBytes(), outbound.pendingBytes());
          write(outbound, "de");
          assertEquals(
              channel.unsafe().outboundBuffer().totalPendingWriteBytes() + 2,
              outbound.pendingBytes());
          outbound.flush();
          assertEquals(0, outbound.pendingBytes());
          assertTrue(channel.finishAndReleaseAll());
        });
  }

  @Test
  void whatIsDiscardedIsGivenBack() throws Exception {
    one.run(
        () -> {
          for (boolean held : new boolean[] {false, true}) {
            Destination destination = new Destination();
            Outbound outbound = outbound(destination);
            if (held) {
              outbound.hold();
              outbound.writeOwned(PooledByteBufAllocator.DEFAULT.directBuffer().writeZero(20_000));
            }
            write(outbound, "never sent");
            outbound.discard();
            assertEquals(0, outbound.pendingBytes());
            worker.flushDirty();
            assertEquals(0, destination.writes.size());
          }
        });
  }

  /** Where no handler changes what is written, none is asked. */
  @Test
  void withoutAHandlerBytesReachTheChannelInOrder() throws Exception {
    one.run(
        () -> {
          EmbeddedChannel channel = new EmbeddedChannel();
          Outbound outbound = new Outbound(worker, channel, Outbound.Side.CLIENT);
          ByteArrayOutputStream expected = new ByteArrayOutputStream();
          ByteArrayOutputStream actual = new ByteArrayOutputStream();
          Random random = new Random(3);
          for (int i = 0; i < 100; i++) {
            byte[] piece = random(random, random.nextInt(2 * Outbound.SLICE_FROM));
            expected.writeBytes(piece);
            ByteBuf buf = worker.allocator().directBuffer().writeBytes(piece);
            outbound.write(buf, 0, piece.length);
            buf.release();
            if (i % 3 == 0) {
              worker.flushDirty();
              assertEquals(0, outbound.pendingBytes());
              ByteBuf sent = channel.readOutbound();
              while (sent != null) {
                actual.writeBytes(ByteBufUtil.getBytes(sent));
                sent.release();
                sent = channel.readOutbound();
              }
            }
          }
          assertArrayEquals(expected.toByteArray(), actual.toByteArray());
          channel.finish();
        });
  }

  /** Somebody may learn late that a channel is gone: the channel releases what comes. */
  @Test
  void whatIsWrittenAfterTheEndIsReleased() throws Exception {
    one.run(
        () -> {
          EmbeddedChannel channel = new EmbeddedChannel();
          Outbound outbound = new Outbound(worker, channel, Outbound.Side.NODE);
          outbound.hold();
          channel.close();
          outbound.discard();
          ByteBuf large = worker.allocator().directBuffer().writeZero(50_000);
          write(outbound, "late");
          outbound.writeOwned(large);
          worker.flushDirty();
          assertEquals(0, large.refCnt());
          assertEquals(0, outbound.pendingBytes());
        });
  }
}
