package io.cashew.proxy.command;

import static io.cashew.proxy.command.Requests.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.testing.RawClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CommandErrorsTest {
  private static RealServers servers;

  private final CommandTable table = CommandTable.standard();

  @BeforeAll
  static void start() {
    servers = new RealServers();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  /** The answer to a request that is none. */
  private String error(String... arguments) {
    RequestFrame frame = frame(arguments);
    Command command = table.find(frame);
    if (command == null) {
      return CommandErrors.unknownCommand(frame);
    }
    return command.isContainer() && frame.argc() > 1
        ? CommandErrors.unknownSubcommand(command, frame)
        : CommandErrors.wrongArity(command);
  }

  private static List<String[]> mistakes() {
    String a = "a".repeat(200);
    return List.of(
        new String[] {"FooBar"},
        new String[] {"foo", "a", "b"},
        new String[] {"", ""},
        new String[] {a, a, "b"},
        new String[] {"foo", a.substring(0, 124), "b"},
        new String[] {"foo", a.substring(0, 125), "b"},
        new String[] {"foo", a.substring(0, 126), "b"},
        new String[] {"foo", a.substring(0, 100), a.substring(0, 100), "c"},
        Stream.concat(Stream.of("foo"), Collections.nCopies(60, "ab").stream())
            .toArray(String[]::new),
        new String[] {"fo\r\no", "a\r\nb", "c\0d", "e"},
        new String[] {"get\0", "\0"},
        new String[] {"foo", "\u00e9\u00ff", "'"},
        new String[] {"client|setname", "x"},
        new String[] {"cLiEnT", "FOO"},
        new String[] {"client", "x\r\ny", "z"},
        new String[] {"client", "x\0y"},
        new String[] {"client", ""},
        new String[] {"xgroup", a},
        new String[] {"get"},
        new String[] {"GET", "a", "b"},
        new String[] {"client"},
        new String[] {"CLIENT", "SETNAME"},
        new String[] {"config", "set", "a"},
        new String[] {"mset", "a", "1", "b"},
        new String[] {"msetnx", "a", "1", "b"},
        new String[] {"command", "count", "x"});
  }

  @Test
  void errorsAreTheWordsOfRedisSeven() {
    for (String[] mistake : mistakes()) {
      String error = error(mistake);
      for (RawClient seven : servers.sevens()) {
        assertEquals(new RawClient.ErrorReply(error), seven.send(mistake));
      }
    }
  }

  @Test
  void unknownCommandsAreQuoted() {
    assertEquals("ERR unknown command 'Foo', with args beginning with: ", error("Foo"));
    assertEquals(
        "ERR unknown command 'foo', with args beginning with: 'a' 'b  c' ",
        error("foo", "a", "b\r\nc"));
    assertEquals(
        "ERR unknown command 'foo', with args beginning with: '" + "a".repeat(128) + "' ",
        error("foo", "a".repeat(1000), "b"));
    assertEquals("ERR unknown subcommand 'X'. Try CLIENT HELP.", error("client", "X"));
    assertEquals(
        "ERR wrong number of arguments for 'client|setname' command", error("CLIENT", "SetName"));
  }

  @Test
  void whatIsRefusedSaysWhy() {
    Command cluster = table.find("cluster|slots");
    assertNotNull(cluster);
    assertEquals(
        "ERR This instance has cluster support disabled; connect without cluster mode",
        CommandErrors.refused(cluster));
  }

  @Test
  void noBytesOfAClientEndTheLine() {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      String[] arguments = new String[1 + random.nextInt(4)];
      for (int i = 0; i < arguments.length; i++) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        arguments[i] = new String(bytes, StandardCharsets.ISO_8859_1);
      }
      ByteBuf reply = Unpooled.buffer();
      CommandErrors.write(error(arguments), reply);
      String text = reply.toString(StandardCharsets.ISO_8859_1);
      assertEquals('-', text.charAt(0));
      assertEquals(text.length() - 2, text.indexOf('\r'));
      assertEquals(text.length() - 1, text.indexOf('\n'));
    }
    ByteBuf reply = Unpooled.buffer();
    CommandErrors.write("ERR a\r\nb", reply);
    assertEquals("-ERR a  b\r\n", reply.toString(StandardCharsets.ISO_8859_1));
  }
}
