package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Reading;
import io.cashew.proxy.command.Command;

/** Which requests of a client replicas may answer, and what waits for them. */
final class CopyReads {
  private CopyReads() {}

  /** Whether any copy of its keys may answer a request: none may while the client watches keys. */
  static boolean mayAnswer(ConnectedClient client, Command command) {
    Lane lane = client.lane();
    return lane.reading() != null
        && lane.isShared()
        && command.anyCopyAnswers()
        && !client.transactionUnderWay();
  }

  /** Whether requests may be in flight at replicas, which a write must not overtake. */
  static boolean areInFlight(ConnectedClient client) {
    Reading reading = client.lane().reading();
    if (reading == null || !reading.mayBeAtReplicas()) {
      return false;
    }
    if (client.order().first() != null) {
      return true;
    }
    reading.isIdle();
    return false;
  }
}
