package io.cashew.proxy.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Probes, and what the proxy itself wants to know. */
@ExtendWith(LeakCheck.class)
final class ServerQueriesTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Backend backend = worker.backend(server);
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void stop() {
    worker.run(backend::close);
    worker.close();
  }

  private void probe() {
    worker.run(
        () ->
            backend.probe(
                failure ->
                    told.add(failure == null ? "well" : failure.kind() + " " + failure.text())));
  }

  private void query(String... commands) {
    List<byte[]> requests = new ArrayList<>();
    for (String command : commands) {
      requests.add(OwnCommands.of(command));
    }
    worker.run(() -> backend.query(new ServerQuery(requests, this::replied)));
  }

  private void replied(@Nullable List<byte[]> replies) {
    told.add(
        replies == null
            ? "nothing"
            : String.join("", replies.stream().map(reply -> new String(reply, US_ASCII)).toList()));
  }

  private boolean drained() {
    return worker.on(backend::drained);
  }

  @Test
  void aNodeThatAnswersIsWellAndTheConnectionIsClosed() {
    probe();
    assertEquals(List.of("PING"), server.requests());
    assertEquals(List.of(), told);
    server.say("+PONG\r\n");
    assertEquals(List.of("well"), told);
    assertTrue(drained());
  }

  @Test
  void aNodeThatIsLoadingOrHasNoMasterIsNotWell() {
    for (String error : List.of("LOADING data", "MASTERDOWN link", "NOAUTH please")) {
      probe();
      server.say("-" + error + "\r\n");
    }
    assertEquals(3, told.size());
    assertTrue(told.get(0).startsWith("CLOSED LOADING data"), told.get(0));
    assertTrue(told.get(1).startsWith("CLOSED MASTERDOWN link"), told.get(1));
    assertEquals("well", told.get(2), "it refuses the proxy, and serves");
  }

  @Test
  void aNodeThatSaysNothingIsNotWellEvenInAPoolWithoutATimeOut() {
    probe();
    worker.advance(BackendSettings.FALLBACK_TIMEOUT_MILLIS + 40);
    assertEquals(1, told.size());
    assertTrue(told.get(0).startsWith("TIMEOUT"), told.get(0));
  }

  @Test
  void aNodeThatCannotBeReachedIsNotWell() {
    server.refuse();
    probe();
    assertEquals(1, told.size());
    assertTrue(told.get(0).startsWith("REFUSED"), told.get(0));
  }

  @Test
  void aProbeOfABackendThatIsClosedIsAnsweredToo() {
    worker.run(backend::close);
    probe();
    assertEquals(1, told.size());
    assertTrue(told.get(0).startsWith("STOPPING"), told.get(0));
  }

  @Test
  void aQueryHasItsRepliesInTheirOrderWhateverTheyAre() {
    query("A", "B");
    assertEquals(List.of("A", "B"), server.requests());
    server.say("-ERR no\r\n$1\r\n");
    assertEquals(List.of(), told);
    server.say("x\r\n");
    assertEquals(List.of("-ERR no\r\n$1\r\nx\r\n"), told);
    assertTrue(drained());
    assertEquals(0, backend.recorder().replies, "they are not replies to clients");
  }

  @Test
  void aQueryThatIsNotAnsweredSaysNothingOfTheNode() {
    query("A", "B");
    server.say("+1\r\n");
    server.hangUp();
    assertEquals(List.of("nothing"), told);
    assertFalse(backend.node().circuitOpen());
  }

  @Test
  void aNodeThatIsDownIsNotAsked() {
    worker.run(() -> backend.node().fail(NodeFailure.of(FailureKind.CLOSED, "closed")));
    query("A");
    assertEquals(List.of("nothing"), told);
    assertEquals(0, server.connections());
  }
}
