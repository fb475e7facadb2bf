package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ArgumentBytesTest {

  @Test
  void everyByteStringComesBack() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      assertArrayEquals(bytes, ArgumentBytes.encode(ArgumentBytes.decode(bytes)));
    }
  }

  @Test
  void utf8IsReadAsUtf8() {
    for (String text : new String[] {"", "plain", "ключ", "🔑 key"}) {
      assertEquals(text, ArgumentBytes.decode(text.getBytes(UTF_8)));
      assertArrayEquals(text.getBytes(UTF_8), ArgumentBytes.encode(text));
    }
  }

  @Test
  void argumentsLostToTheLocaleAreRestored() {
    byte[] commandLine = "java\0-jar\0x.jar\0route\0ключ\0".getBytes(UTF_8);
    assertArrayEquals(
        new String[] {"route", "ключ"},
        ArgumentBytes.restore(new String[] {"route", "????????"}, commandLine));
  }

  @Test
  void bytesThatAreNoUtf8AreRestored() {
    byte[] commandLine = "java\0\u00ff\u00fe\0".getBytes(ISO_8859_1);
    String[] restored = ArgumentBytes.restore(new String[] {"??"}, commandLine);
    assertArrayEquals(new byte[] {(byte) 0xff, (byte) 0xfe}, ArgumentBytes.encode(restored[0]));
  }

  @Test
  void commandLineOfSomethingElseIsNotUsed() {
    String[] arguments = {"route", "k"};
    assertSame(arguments, ArgumentBytes.restore(arguments, "java\0other\0k\0".getBytes(UTF_8)));
    assertSame(arguments, ArgumentBytes.restore(arguments, "k\0".getBytes(UTF_8)));
    assertSame(arguments, ArgumentBytes.restore(arguments, new byte[0]));
  }
}
