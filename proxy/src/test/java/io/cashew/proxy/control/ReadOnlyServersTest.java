package io.cashew.proxy.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.testing.ManualControl;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How long what may write waits for a name whose server is a replica. */
final class ReadOnlyServersTest {
  private static final int A_WHILE_MILLIS = 200;
  private static final long WAIT_MILLIS = 10_000;
  private static final String PRIMARY = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
  private static final String REPLICA =
      "*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.2\r\n:6379\r\n$9\r\nconnected\r\n:0\r\n";

  /** What the server says that it is. */
  private @Nullable String role = REPLICA;

  private final ManualControl control = new ManualControl();
  private final Name name = new Name();
  private final Node node = new Node("p", "n", name, 1, (failed, cause) -> {});
  private final ReadOnlyServers servers =
      new ReadOnlyServers(
          control,
          (asked, requests, done) -> {
            String says = role;
            done.accept(says == null ? null : List.<byte[]>of(says.getBytes(US_ASCII)));
          },
          () -> WAIT_MILLIS);

  private static final class Name implements NodeAddress {
    private boolean moved;

    @Override
    public String text() {
      return "redis.example:6379";
    }

    @Override
    public @Nullable SocketAddress current() {
      return null;
    }

    @Override
    public void refresh() {}

    @Override
    public boolean mayMove() {
      return true;
    }

    @Override
    public boolean moved() {
      return moved;
    }
  }

  private void refuses() {
    servers.refused(node);
    control.pass(A_WHILE_MILLIS);
  }

  @Test
  void itWaitsWhileTheServerIsAReplica() {
    refuses();
    assertEquals(WAIT_MILLIS, node.writesWaitMillis());
    role = PRIMARY;
    control.pass(A_WHILE_MILLIS);
    assertEquals(0, node.writesWaitMillis());
  }

  @Test
  void anErrorThatAScriptMakesUpHasNothingWait() {
    role = PRIMARY;
    refuses();
    assertEquals(0, node.writesWaitMillis());
  }

  /** A client that writes at once would be refused once more. */
  @Test
  void itWaitsFromTheRefusalUntilTheServerHasSaidWhatItIs() {
    role = PRIMARY;
    servers.refuses(node);
    assertEquals(WAIT_MILLIS, node.writesWaitMillis());
    refuses();
    assertEquals(0, node.writesWaitMillis());
  }

  @Test
  void refusalsOfOneMomentHaveItWaitOnce() {
    role = PRIMARY;
    servers.refuses(node);
    servers.refused(node);
    control.pass(1);
    servers.refuses(node); // the server is let alone for a while
    servers.refused(node);
    assertEquals(0, node.writesWaitMillis());
    control.pass(A_WHILE_MILLIS);
    servers.refuses(node);
    assertEquals(WAIT_MILLIS, node.writesWaitMillis());
  }

  /** Let go before that, it would be refused once more. */
  @Test
  void itWaitsUntilAnotherNodeTakesThePlaceOfOneThatHasMoved() {
    refuses();
    name.moved = true;
    control.pass(A_WHILE_MILLIS);
    assertEquals(WAIT_MILLIS, node.writesWaitMillis());
    role = null; // nobody answers for it any more
    control.pass(A_WHILE_MILLIS);
    assertEquals(WAIT_MILLIS, node.writesWaitMillis());
  }

  @Test
  void nothingBeginsToWaitForANodeThatHasMoved() {
    name.moved = true;
    refuses();
    assertEquals(0, node.writesWaitMillis());
  }
}
