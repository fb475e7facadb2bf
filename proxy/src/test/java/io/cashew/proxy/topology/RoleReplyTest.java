package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cashew.proxy.resp.ReplyValue;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoleReplyTest {
  private static RoleReply read(String text) {
    String resp = text.replace(" ", "\r\n") + "\r\n";
    return RoleReply.of(
        ReplyValue.read(Unpooled.wrappedBuffer(resp.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void aPrimaryNamesItsReplicas() {
    assertEquals(
        new RoleReply.Primary(3129659, List.of("127.0.0.1:9001", "[::1]:9002")),
        read(
            "*3 $6 master :3129659 *2 *3 $9 127.0.0.1 $4 9001 $7 3129242"
                + " *3 $3 ::1 $4 9002 $7 3129543"));
  }

  @Test
  void aReplicaNamesItsPrimary() {
    assertEquals(
        new RoleReply.Replica("127.0.0.1:9000", true, 3167038),
        read("*5 $5 slave $9 127.0.0.1 :9000 $9 connected :3167038"));
    assertEquals(
        new RoleReply.Replica("db:9000", false, -1),
        read("*5 $5 slave $2 db :9000 $7 connect :-1"));
  }

  @Test
  void aSentinelNamesItsMasters() {
    assertEquals(
        new RoleReply.Sentinel(List.of("resque", "html")),
        read("*2 $8 sentinel *2 $6 resque $4 html"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK",
        ":1",
        "*0",
        "*-1",
        "$-1",
        "*1 $6 master",
        "*2 $5 slave :1",
        "*1 $8 sentinel",
        "*1 *0"
      })
  void whateverElseIsNoRole(String reply) {
    assertInstanceOf(RoleReply.Unknown.class, read(reply));
  }

  @Test
  void anErrorIsTold() {
    assertEquals(new RoleReply.Unknown("NOAUTH"), read("-NOAUTH"));
    assertEquals(new RoleReply.Unknown("no reply"), RoleReply.of(null));
  }

  @Test
  void numbersAndAddressesThatAreNoneDoNoHarm() {
    assertEquals(new RoleReply.Primary(-1, List.of()), read("*3 $6 master $1 x *1 :1"));
    assertEquals(new RoleReply.Primary(7, List.of()), read("*3 $6 master :7 *1 *1 $9 127.0.0.1"));
  }
}
