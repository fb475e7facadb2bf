package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.local.LocalChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whose a reply is and where it ends, for bytes that are cut anywhere. */
@ExtendWith(LeakCheck.class)
final class ReplyFeedTest {
  /** More often than bytes have left a channel that is not connected: what is added has left. */
  private static final long LEFT = -2;

  private static final String LONG_VALUE = "x".repeat(ReplyFeed.STREAM_FROM);

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Node node = new Node("test", "alpha", server.address(), 3, (failed, cause) -> {});
  private final NodeRecorder recorder = new NodeRecorder();
  private InFlightQueue queue = newQueue();
  private ReplyFeed feed = newFeed();
  private final List<Reply> replies = new ArrayList<>();

  @AfterEach
  void stop() {
    worker.run(feed::close);
    worker.close();
  }

  private InFlightQueue newQueue() {
    return new InFlightQueue(recorder, new Stall(worker.worker(), on -> {}));
  }

  private ReplyFeed newFeed() {
    NodeChannel channel =
        new NodeChannel(
            worker.worker(),
            node,
            VirtualWorker.SETTINGS.speaking(true, 0),
            recorder,
            new LocalChannel(),
            new Nobody());
    return new RespReplyFeed(worker.worker(), channel, recorder, queue);
  }

  private static final class Nobody implements NodeChannel.User {
    @Override
    public void onReady() {}

    @Override
    public void onBytes(ByteBuf in, int from, int to) {}

    @Override
    public boolean blamesNode() {
      return true;
    }

    @Override
    public void fail(NodeFailure cause, boolean early) {}
  }

  /** Notes the pieces of a reply, with a bar behind the last. */
  private static final class Reply extends InFlight {
    private final List<String> pieces = new ArrayList<>();

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      pieces.add(buf.toString(index, length, StandardCharsets.ISO_8859_1) + (last ? "|" : ""));
    }

    @Override
    public void onFailure(NodeFailure failure) {
      pieces.add("failed");
    }

    @Override
    public void onStallTimeout() {}

    String text() {
      return String.join("", pieces);
    }
  }

  private void expect(int count) {
    worker.run(
        () -> {
          for (int i = 0; i < count; i++) {
            Reply reply = new Reply();
            replies.add(reply);
            queue.add(reply, worker.worker().nowNanos(), 0, LEFT);
          }
        });
  }

  private void read(String bytes) {
    worker.run(() -> readNow(bytes));
  }

  private void readNow(String bytes) {
    ByteBuf in = ByteBufAllocator.DEFAULT.buffer();
    in.writeZero(3);
    in.writeCharSequence(bytes, StandardCharsets.ISO_8859_1);
    try {
      feed.read(in, 3, in.writerIndex());
    } finally {
      in.release();
    }
  }

  private List<String> texts() {
    return replies.stream().map(Reply::text).toList();
  }

  @Test
  void eachReplyIsThatOfTheNextRequestWhereverItIsCut() {
    String bytes = "+OK\r\n$5\r\nhel\r\n\r\n-ERR no\r\n*2\r\n:1\r\n%1\r\n$1\r\na\r\n_\r\n";
    List<String> expected =
        List.of(
            "+OK\r\n|",
            "$5\r\nhel\r\n\r\n|",
            "-ERR no\r\n|",
            "*2\r\n:1\r\n%1\r\n$1\r\na\r\n_\r\n|");
    for (int cut = 1; cut < bytes.length(); cut++) {
      for (int second = cut; second < bytes.length(); second += 3) {
        replies.clear();
        expect(4);
        read(bytes.substring(0, cut));
        read(bytes.substring(cut, second));
        read(bytes.substring(second));
        assertEquals(expected, texts());
        assertFalse(feed.inReply());
      }
    }
    assertEquals(recorder.replies, 4 * recorder.errorReplies);
    assertEquals(0, recorder.inFlight);
  }

  @Test
  void aSmallReplyIsHandedUpWhenItIsWhole() {
    expect(1);
    read("$5\r\nhe");
    assertTrue(feed.inReply());
    assertEquals(List.of(""), texts());
    read("llo\r\n");
    assertEquals(List.of("$5\r\nhello\r\n|"), texts());
  }

  @Test
  void aLargeReplyIsHandedUpAsItComes() {
    expect(2);
    String header = "$" + 2 * LONG_VALUE.length() + "\r\n";
    read(header);
    assertEquals(List.of(), replies.get(0).pieces);
    read(LONG_VALUE);
    assertEquals(List.of(header, LONG_VALUE), replies.get(0).pieces);
    read(LONG_VALUE);
    read("\r\n+OK\r\n");
    assertEquals(List.of(header, LONG_VALUE, LONG_VALUE, "\r\n|"), replies.get(0).pieces);
    assertEquals(List.of("+OK\r\n|"), replies.get(1).pieces);
    assertEquals(header.length() + 2 * LONG_VALUE.length() + 7, recorder.replyBytes);
  }

  @Test
  void anErrorIsHandedUpWholeHoweverLongItsLineIs() {
    expect(1);
    read("-ERR " + LONG_VALUE);
    assertEquals(List.of(), replies.get(0).pieces);
    read("\r\n");
    assertEquals(List.of("-ERR " + LONG_VALUE + "\r\n|"), replies.get(0).pieces);
    assertEquals(1, recorder.errorReplies);
  }

  @Test
  void aReplyThatNobodyAskedForIsGivenToNobody() {
    expect(1);
    worker.run(
        () -> {
          assertThrows(ProtocolException.class, () -> readNow("+1\r\n+2\r\n"));
        });
    assertEquals(List.of("+1\r\n|"), texts());
    assertEquals(1, recorder.unexpectedReplies);
  }

  @Test
  void aReplyBeforeItsRequestHasLeftIsGivenToNobody() {
    Reply reply = new Reply();
    worker.run(() -> queue.add(reply, 0, 0, 0)); // bytes have never left
    worker.run(
        () -> {
          assertThrows(ProtocolException.class, () -> readNow("+1\r\n"));
        });
    assertEquals("", reply.text());
    assertEquals(1, recorder.unexpectedReplies);
  }

  @Test
  void aPushIsNoReplyWhereverItIsCut() {
    String bytes = "+1\r\n>2\r\n$1\r\na\r\n$1\r\nb\r\n+2\r\n";
    for (int cut = 1; cut < bytes.length(); cut++) {
      queue = newQueue();
      feed = newFeed();
      List<String> pushes = new ArrayList<>();
      feed.acceptPushes(
          (buf, index, length) ->
              pushes.add(buf.toString(index, length, StandardCharsets.ISO_8859_1)));
      replies.clear();
      expect(2);
      read(bytes.substring(0, cut));
      read(bytes.substring(cut));
      assertEquals(List.of("+1\r\n|", "+2\r\n|"), texts());
      assertEquals(List.of(">2\r\n$1\r\na\r\n$1\r\nb\r\n"), pushes);
    }
  }

  @Test
  void aReplyThatDoesNotEndIsDroppedWithItsConnection() {
    expect(1);
    read("$5\r\nhe");
    worker.run(feed::close); // and the leak detector finds nothing
    assertEquals(List.of(""), texts());
  }
}
