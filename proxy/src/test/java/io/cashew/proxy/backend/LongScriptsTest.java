package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class LongScriptsTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Backend backend = worker.backend(server);

  @AfterEach
  void stop() {
    worker.run(backend::close);
    worker.close();
  }

  private static final class Request extends InFlight {
    private final boolean script;

    Request(boolean script) {
      this.script = script;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {}

    @Override
    public void onFailure(NodeFailure failure) {}

    @Override
    public void onStallTimeout() {}

    @Override
    protected boolean runsScript() {
      return script;
    }
  }

  private void send(boolean script) {
    ByteBuf request = Unpooled.wrappedBuffer(OwnCommands.of("EVAL"));
    worker.run(
        () ->
            backend.send(
                request,
                0,
                request.readableBytes(),
                new Request(script),
                backend.lane(1, false, 0)));
  }

  private boolean runsLongScript() {
    return backend.node().runsLongScript();
  }

  @Test
  void aScriptIsLongFromATenthOfASecondOn() {
    send(true);
    worker.advance(80);
    assertFalse(runsLongScript());
    worker.advance(60);
    assertTrue(runsLongScript());
    server.say("+1\r\n");
    worker.advance(20);
    assertFalse(runsLongScript());
  }

  @Test
  void whatIsNoScriptIsNoLongScript() {
    send(false);
    worker.advance(1000);
    assertFalse(runsLongScript());
  }

  @Test
  void theScriptBehindALongOneIsTakenForLongAtOnce() {
    send(true);
    worker.advance(140);
    send(true);
    server.say("+1\r\n");
    worker.advance(20);
    assertTrue(runsLongScript());
  }

  @Test
  void aBackendThatIsClosedWaitsForNothing() {
    send(true);
    worker.advance(140);
    assertTrue(runsLongScript());
    worker.run(backend::close);
    assertFalse(runsLongScript());
  }
}
