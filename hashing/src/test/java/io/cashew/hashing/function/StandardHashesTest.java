package io.cashew.hashing.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.hashing.Seed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against other implementations of the standards, and the facts that Redis documents. */
class StandardHashesTest {
  private static final int LENGTHS = 400;

  @Test
  void md5IsTheStartOfTheDigestOfTheJdk() throws NoSuchAlgorithmException {
    MessageDigest jdk = MessageDigest.getInstance("MD5");
    byte[] bytes = randomBytes();
    for (int length = 0; length < LENGTHS; length++) {
      jdk.update(bytes, 3, length);
      int expected = ByteBuffer.wrap(jdk.digest()).order(ByteOrder.LITTLE_ENDIAN).getInt();
      assertEquals(expected, HashFunctions.byName("md5").hash(bytes, 3, length));
    }
  }

  @Test
  void crc32IsThatOfTheJdkAndTwemproxysCrc32IsFifteenBitsOfIt() {
    byte[] bytes = randomBytes();
    for (int length = 0; length < LENGTHS; length++) {
      java.util.zip.CRC32 jdk = new java.util.zip.CRC32();
      jdk.update(bytes, 3, length);
      int expected = (int) jdk.getValue();
      assertEquals(expected, HashFunctions.byName("crc32a").hash(bytes, 3, length));
      assertEquals((expected >> 16) & 0x7fff, HashFunctions.byName("crc32").hash(bytes, 3, length));
    }
  }

  @Test
  void lowSixteenBitsOfCrc16AreTheCheckValueOfXmodem() {
    assertEquals(0x31c3, crc16("123456789") & 0xffff);
  }

  @ParameterizedTest
  @CsvSource({"foo,12182", "bar,5061", "hello,866", "user1000,3443", "'',0"})
  void lowFourteenBitsOfCrc16AreTheSlotOfRedisCluster(String key, int slot) {
    assertEquals(slot, crc16(key) & 16383);
  }

  private static int crc16(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
    return HashFunctions.byName("crc16").hash(bytes, 0, bytes.length);
  }

  private static byte[] randomBytes() {
    Random random = Seed.random();
    byte[] bytes = new byte[LENGTHS + 3];
    random.nextBytes(bytes);
    return bytes;
  }
}
