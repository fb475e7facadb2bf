package io.cashew.proxy.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a connection is told to whoever waits for more, and is never waited for. */
final class RawClientTest {
  private interface Reading {
    @Nullable Object of(RawClient client);
  }

  /** What is said when the other side closes behind {@code +half}. */
  private static String end(Reading reading) {
    try (MisbehavingNode node =
            MisbehavingNode.start()
                .behave(
                    (connection, request) -> {
                      connection.reply("+half");
                      connection.close();
                    });
        RawClient client = new RawClient(node.port())) {
      client.write(RawClient.request("GET", "k"));
      UncheckedIOException ended =
          assertThrows(UncheckedIOException.class, () -> reading.of(client));
      return String.valueOf(ended.getMessage());
    }
  }

  @Test
  void aReplyThatIsCutShortIsAnError() {
    assertTrue(end(RawClient::read).contains("closed instead of a reply"));
  }

  @Test
  void textThatDoesNotComeIsAnError() {
    assertTrue(end(client -> client.readUntil("\r\n")).contains("after '+half'"));
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 1000})
  void bytesThatDoNotComeAreAnError(int bytes) {
    assertTrue(end(client -> client.readBytes(bytes)).contains("closed after '+half'"));
  }

  @Test
  void whatHasComeBeforeTheEndIsRead() {
    assertTrue(
        end(client -> {
              assertEquals("+half", client.readBytes(5));
              return client.readBytes(1);
            })
            .contains("closed after ''"));
  }
}
