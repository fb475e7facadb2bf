package io.cashew.bench;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What each request costs before and after the kernel: its frame, its command, its reply's end. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Dio.netty.buffer.checkBounds=false",
      "-Dio.netty.buffer.checkAccessible=false"
    })
public class FramingBenchmark {

  /** A request and the reply to it. */
  public enum Exchange {
    /** The commonest of all. */
    GET("*2\r\n$3\r\nGET\r\n$16\r\nkey:000000001234\r\n", "$3\r\nxxx\r\n"),
    /** A short write. */
    SET("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000001234\r\n$3\r\nxxx\r\n", "+OK\r\n"),
    /** Ten keys. */
    MGET_10(
        "*11\r\n$4\r\nMGET\r\n" + "$16\r\nkey:000000001234\r\n".repeat(10),
        "*10\r\n" + "$3\r\nxxx\r\n".repeat(10)),
    /** A reply of many elements. */
    LRANGE_100(
        "*4\r\n$6\r\nLRANGE\r\n$6\r\nmylist\r\n$1\r\n0\r\n$2\r\n99\r\n",
        "*100\r\n" + "$3\r\nxxx\r\n".repeat(100)),
    /** A value of 1 KB, over which nothing may be walked byte by byte. */
    SET_1K(
        "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000001234\r\n$1024\r\n" + "x".repeat(1024) + "\r\n",
        "+OK\r\n"),
    /** A command with options, in lower case. */
    ZRANGE(
        "*5\r\n$6\r\nzrange\r\n$4\r\nrank\r\n$1\r\n0\r\n$1\r\n9\r\n$10\r\nwithscores\r\n",
        "*2\r\n$1\r\na\r\n$1\r\n1\r\n");

    private final String request;
    private final String reply;

    Exchange(String request, String reply) {
      this.request = request;
      this.reply = reply;
    }
  }

  /** What is exchanged. */
  @SuppressWarnings("NullAway.Init") // JMH sets it.
  @Param
  public Exchange exchange;

  private final RequestDecoder requestDecoder = new RequestDecoder(RespLimits.DEFAULT);
  private final ReplyDecoder replyDecoder =
      new ReplyDecoder(RespLimits.DEFAULT.bulkLength(), false);
  private final RequestFrame frame = new RequestFrame();
  private final CommandTable commands = CommandTable.standard();

  @SuppressWarnings("NullAway.Init") // set by setUp
  private ByteBuf request;

  @SuppressWarnings("NullAway.Init") // set by setUp
  private ByteBuf reply;

  /** Makes the buffers. */
  @Setup
  public void setUp() {
    request = direct(exchange.request);
    reply = direct(exchange.reply);
    requestDecoder.decode(request, 0, request.writerIndex(), frame);
  }

  private static ByteBuf direct(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return PooledByteBufAllocator.DEFAULT.directBuffer(64 << 10).writeBytes(bytes);
  }

  /** Gives the buffers back. */
  @TearDown
  public void tearDown() {
    request.release();
    reply.release();
  }

  /** Where the frame ends and where its arguments are. */
  @Benchmark
  public boolean decodeRequest() {
    return requestDecoder.decode(request, 0, request.writerIndex(), frame);
  }

  /** The row of the command. */
  @Benchmark
  public @Nullable Command findCommand() {
    return commands.find(request, frame.offset(0), frame.length(0));
  }

  /** Where the reply ends. */
  @Benchmark
  public int decodeReply() {
    return replyDecoder.feed(reply, 0, reply.writerIndex());
  }
}
