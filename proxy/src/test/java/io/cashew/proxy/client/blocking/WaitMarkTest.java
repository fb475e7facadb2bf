package io.cashew.proxy.client.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RealCluster;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The channel of a message to a server of a Cluster is of the server's own slots. */
final class WaitMarkTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 7, 8191, 16_383})
  void itsChannelIsOfTheSlot(int slot) {
    WaitMark mark = WaitMark.ofSlot(slot);
    assertEquals(slot, RealCluster.slotOf(mark.channel()));
    assertTrue(mark.channel().startsWith(WaitMark.CHANNEL + "{"), mark.channel());
    String request = new String(mark.request(), StandardCharsets.US_ASCII);
    assertTrue(request.contains("\r\n" + mark.channel() + "\r\n"), request);
  }
}
