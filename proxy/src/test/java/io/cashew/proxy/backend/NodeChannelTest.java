package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.HandshakeStep.Refusal;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From the attempt to connect to the end, for whoever uses the channel. */
@ExtendWith(LeakCheck.class)
final class NodeChannelTest {
  private static final long TIMEOUT_MILLIS = 400;

  private static final List<HandshakeStep> STEPS =
      List.of(
          HandshakeStep.of(Refusal.NODE_IS_DOWN, "AUTH", "AUTH", "secret"),
          HandshakeStep.of(Refusal.HARMLESS, "CLIENT SETNAME", "CLIENT", "SETNAME", "cashew"),
          HandshakeStep.of(Refusal.ENDS_CONNECTION, "SELECT 3", "SELECT", "3"));

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Node node = new Node("test", "alpha", server.address(), 3, (failed, cause) -> {});
  private final NodeRecorder recorder = new NodeRecorder();
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void stop() {
    worker.close();
  }

  private final class User implements NodeChannel.User {
    private final NodeChannel channel;
    private boolean blames = true;

    User(List<HandshakeStep> steps) {
      BackendSettings settings =
          new BackendSettings(
              TIMEOUT_MILLIS, 1, 1 << 20, 1 << 20, steps, new Keepalive(0), false, 16, 16);
      Connector connector =
          new Connector(
              worker.worker(), node, settings, VirtualWorker.sockets(), Descriptors.unlimited());
      channel =
          worker.on(
              () ->
                  new NodeChannel(
                      worker.worker(),
                      node,
                      settings,
                      recorder,
                      connector.channelTo(Objects.requireNonNull(server.current()), false),
                      this));
      worker.run(() -> channel.connect(connector, null));
    }

    void write(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      worker.run(() -> channel.outbound().write(bytes, 0, bytes.length));
    }

    @Override
    public void onReady() {
      told.add("ready");
    }

    @Override
    public void onBytes(ByteBuf in, int from, int to) {
      int at = channel.readHandshake(in, from, to);
      if (at < to && !channel.closed()) {
        told.add(in.toString(at, to - at, StandardCharsets.ISO_8859_1));
        channel.answered();
      }
    }

    @Override
    public boolean blamesNode() {
      return blames;
    }

    @Override
    public void fail(NodeFailure cause, boolean early) {
      if (!channel.closed()) {
        told.add((early ? "down: " : "failed: ") + cause.kind());
        channel.close();
      }
    }
  }

  private void advance(User user, long millis) {
    worker.advance(millis);
    worker.run(() -> user.channel.onTick(worker.worker().tickMillis()));
  }

  @Test
  void withoutAHandshakeItIsReadyWhenItIsConnected() {
    User user = new User(List.of());
    assertEquals(List.of("ready"), told);
    assertTrue(user.channel.ready());
    user.write("*1\r\n$4\r\nPING\r\n");
    assertEquals(List.of("PING"), server.requests());
  }

  @Test
  void whatIsWrittenLeavesBehindTheHandshakeWhereverItsAnswersAreCut() {
    String answers = "+OK\r\n-ERR unknown\r\n+OK\r\n+mine\r\n";
    for (int cut = 1; cut < answers.length(); cut++) {
      told.clear();
      User user = new User(STEPS);
      user.write("*1\r\n$4\r\nPING\r\n");
      assertTrue(user.channel.inHandshake());
      server.say(answers.substring(0, cut));
      server.say(answers.substring(cut));
      assertEquals("ready+mine\r\n", String.join("", told));
      assertEquals(4 * cut, server.requests().size());
      assertEquals("PING", server.requests().get(4 * cut - 1));
      worker.run(user.channel::close);
    }
  }

  @Test
  void aRefusedStepEndsItAndWhatItMeansIsTheStepsOwn() {
    new User(STEPS);
    server.say("-WRONGPASS no\r\n");
    assertEquals(List.of("down: HANDSHAKE"), told);
    told.clear();
    User other = new User(STEPS);
    server.say("+OK\r\n+OK\r\n-ERR no such database\r\n+surplus\r\n");
    assertEquals(List.of("failed: HANDSHAKE"), told);
    assertTrue(other.channel.closed());
    assertEquals(2, recorder.connectFailures);
  }

  @Test
  void bytesThatAreNoAnswerEndIt() {
    new User(STEPS);
    server.say("HTTP/1.1 400 Bad Request\r\n");
    assertEquals(List.of("failed: PROTOCOL"), told);
  }

  @Test
  void aHandshakeThatTakesTooLongIsGivenUp() {
    User user = new User(STEPS);
    advance(user, TIMEOUT_MILLIS - 40);
    server.say("+OK\r\n"); // each answer gives the next its time anew
    advance(user, TIMEOUT_MILLIS - 40);
    assertEquals(List.of(), told);
    advance(user, 80);
    assertEquals(List.of("failed: TIMEOUT"), told);
    assertFalse(worker.on(() -> user.channel.onTick(worker.worker().tickMillis())));
  }

  @Test
  void aNodeThatRefusesTheConnectionIsDown() {
    server.refuse();
    new User(List.of());
    assertEquals(List.of("down: REFUSED"), told);
    assertEquals(1, recorder.connectFailures);
  }

  @Test
  void aNodeThatEndsItBeforeItHasAnsweredIsDownIfItsUserSaysSo() {
    new User(STEPS);
    server.hangUp();
    assertEquals(List.of("down: CLOSED"), told, "in the handshake");
    told.clear();
    new User(List.of());
    server.hangUp();
    assertEquals(List.of("ready", "down: CLOSED"), told);
    told.clear();
    new User(List.of()).blames = false;
    server.hangUp();
    assertEquals(List.of("ready", "failed: CLOSED"), told);
    told.clear();
    new User(List.of());
    server.say("+1\r\n");
    server.hangUp();
    assertEquals(List.of("ready", "+1\r\n", "failed: CLOSED"), told);
  }
}
