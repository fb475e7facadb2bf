package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lease;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Mode;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A command that waits for keys, on a connection that its client leases. Confined to the worker.
 */
final class BlockedOnKeys implements Mode {
  private final PendingReply slot;
  private final Client client;
  private @Nullable Lease lease;

  /** Is to wait in {@code slot}. */
  BlockedOnKeys(PendingReply slot, Client client) {
    this.slot = slot;
    this.client = client;
    slot.whenOver(
        type -> {
          end();
          client.leave(this);
        });
  }

  /** Begins to wait. */
  void on(Backend backend, RequestFrame frame, Command command) {
    Lease leased = backend.lease(client.lane());
    if (leased == null) {
      slot.onFailure(backend.leaseFailure());
    } else {
      lease = leased;
      leased.patience(command.blocksMillis(frame));
      leased.waitForKey();
      leased.send(frame.buf(), frame.start(), frame.length(), slot);
    }
  }

  @Override
  public boolean isBlocked() {
    return true;
  }

  @Override
  public void unblock(boolean withError, Consumer<Boolean> done) {
    Lease waiting = lease;
    if (waiting == null) {
      done.accept(false);
    } else {
      waiting.unblock(withError, done);
    }
  }

  @Override
  public boolean waitsInVain() {
    Lease waiting = lease;
    return waiting != null && waiting.backend().retired();
  }

  @Override
  public void abandon() {
    Lease waiting = lease;
    if (waiting != null) {
      waiting.leave();
    }
  }

  private void end() {
    Lease waiting = lease;
    if (waiting != null) {
      waiting.giveBack();
    }
  }
}
