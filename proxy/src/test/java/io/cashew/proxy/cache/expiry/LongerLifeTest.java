package io.cashew.proxy.cache.expiry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.Requests;
import io.cashew.proxy.resp.RespLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests by a jitter that always gives all that it may. */
final class LongerLifeTest {
  private static final CommandTable COMMANDS = CommandTable.standard();
  private static final long NOW = 1_000_000_000_000L;
  private final LongerLife life = new LongerLife(COMMANDS, new Jitter(bound -> bound - 1));

  private static RequestFrame frame(String request) {
    ByteBuf bytes = Unpooled.buffer();
    bytes.writeBytes("other".getBytes(ISO_8859_1));
    bytes.writeBytes(Requests.of(request.split(" ")));
    RequestFrame frame = new RequestFrame();
    RequestDecoder decoder = new RequestDecoder(new RespLimits(1 << 20, 100));
    assertTrue(decoder.decode(bytes, 5, bytes.writerIndex(), frame));
    return frame;
  }

  private @Nullable RequestFrame write(String request, ByteBuf out) {
    RequestFrame frame = frame(request);
    Command command = COMMANDS.find(frame);
    assertNotNull(command, request);
    return life.write(command, frame, 10, NOW, out);
  }

  @ParameterizedTest
  @CsvSource({
    "SET k v EX 10, SET k v PX 11000",
    "set k v ex 9, set k v PX 9900",
    "SET k v NX PX 1000 GET, SET k v NX PX 1100 GET",
    "SET k v EXAT 1000000010, SET k v PXAT 1000000011000",
    "SET k v PXAT 1000000001000 XX, SET k v PXAT 1000000001100 XX",
    "SET k v IFEQ EX PX 1000, SET k v IFEQ EX PX 1100",
    "SET EX EX EX 10, SET EX EX PX 11000",
    "GETEX k EX 10, GETEX k PX 11000",
    "GETEX k PXAT 1000000001000, GETEX k PXAT 1000000001100",
    "SETEX k 10 v, PSETEX k 11000 v",
    "PSETEX k 999 v, PSETEX k 1098 v",
    "EXPIRE k 10, PEXPIRE k 11000",
    "expire k 10 GT, PEXPIRE k 11000 GT",
    "PEXPIRE k 1000 NX, PEXPIRE k 1100 NX",
    "EXPIREAT k 1000000010 LT, PEXPIREAT k 1000000011000 LT",
    "PEXPIREAT k 1000000001000 XX, PEXPIREAT k 1000000001100 XX"
  })
  void aTimeGetsLongerInMillisecondsAndNothingElseChanges(String request, String expected) {
    ByteBuf out = Unpooled.buffer();
    out.writeBytes("xyz".getBytes(ISO_8859_1));
    RequestFrame written = write(request, out);
    assertNotNull(written);
    assertEquals(
        new String(Requests.of(expected.split(" ")), ISO_8859_1),
        out.toString(3, out.writerIndex() - 3, ISO_8859_1));
    RequestFrame places = frame(expected);
    int moved = written.start() - places.start();
    assertEquals(places.end() + moved, written.end());
    assertEquals(places.argc(), written.argc());
    for (int i = 0; i < places.argc(); i++) {
      assertEquals(places.offset(i) + moved, written.offset(i), "argument " + i);
      assertEquals(places.length(i), written.length(i), "argument " + i);
    }
    assertTrue(out.writerIndex() - 3 <= LongerLife.room(frame(request)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET k v",
        "SET k v NX",
        "SET k v KEEPTTL",
        "SET k v EX",
        "SET k v EX 1 EX 2",
        "SET k v EX 1 PX 1",
        "SET k v EX 0",
        "SET k v EX -1",
        "SET k v EX 010",
        "SET k v EX 1x",
        "SET k v EX 9223372036854775807",
        "SET k EX",
        "GETEX k PERSIST",
        "EXPIRE k 0",
        "EXPIRE k -1",
        "SETEX k ten v",
        "GET k",
        "TTL k",
        "HEXPIRE k 10 FIELDS 1 f"
      })
  void whatSetsNoTimeOrAWrongOneStaysAsItIs(String request) {
    ByteBuf out = Unpooled.buffer();
    assertNull(write(request, out));
    assertEquals(0, out.writerIndex());
  }

  @ParameterizedTest
  @CsvSource({
    "SET k v EXAT 999999999, SET k v PXAT 999999999000",
    "EXPIREAT k 5, PEXPIREAT k 5000",
    "SET k v EX 999999999999999, SET k v PX 999999999999999000"
  })
  void whatIsOverOrFarTooLongIsTheSameTime(String request, String expected) {
    ByteBuf out = Unpooled.buffer();
    assertNotNull(write(request, out));
    assertEquals(
        new String(Requests.of(expected.split(" ")), ISO_8859_1), out.toString(ISO_8859_1));
  }
}
