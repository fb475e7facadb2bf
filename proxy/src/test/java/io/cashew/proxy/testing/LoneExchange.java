package io.cashew.proxy.testing;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Redirects;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.RequestHome;
import io.cashew.proxy.route.RequestKeys;
import io.cashew.proxy.route.RequestOrder;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** An exchange of no client, before and behind which there is no other; it is not sent again. */
public abstract class LoneExchange extends Exchange {
  private final Lane lane;

  /** An exchange on a worker whose requests take a lane. */
  protected LoneExchange(Worker worker, Lane lane) {
    super(new Redirects(worker, new NothingAgain()));
    this.lane = lane;
  }

  @Override
  public void watchedBy(ReplyWatch watch) {}

  @Override
  protected Lane lane() {
    return lane;
  }

  @Override
  protected RequestOrder order() {
    throw new IllegalStateException("nobody asks for it");
  }

  @Override
  protected void waits() {}

  @Override
  protected @Nullable Exchange next() {
    return null;
  }

  @Override
  public void onStallTimeout() {}

  private static final class NothingAgain implements RequestHome {
    @Override
    public Backend backendOf(ByteBuf request, Lane lane) {
      throw new IllegalStateException("a request is sent again");
    }

    @Override
    public boolean keysOf(ByteBuf request, Lane lane, RequestKeys into) {
      return false;
    }

    @Override
    public boolean slotsMoveAt(Node server) {
      return false;
    }

    @Override
    public @Nullable Backend at(Node teller, Redirection where) {
      return null;
    }

    @Override
    public void slotMoves(Node teller, int slot) {}

    @Override
    public void sentAgain() {}
  }
}
