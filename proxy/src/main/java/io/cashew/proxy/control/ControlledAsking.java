package io.cashew.proxy.control;

import io.cashew.proxy.asking.Access;
import io.cashew.proxy.asking.AskingConnection;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.topology.Asking;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has sources of topologies ask over connections on event loops, and hear what comes on the control
 * thread. Confined to that.
 *
 * @param loops a server's is always the same one of them
 * @param access to all servers that are asked
 */
record ControlledAsking(List<EventLoop> loops, Access access, ScheduledExecutorService control)
    implements Asking {

  @Override
  public Connection connect(String address, Listener listener) {
    Heard heard = new Heard(listener);
    EventLoop loop = loops.get(Math.floorMod(address.hashCode(), loops.size()));
    heard.connection = AskingConnection.open(loop, access, address, heard);
    return heard;
  }

  /** A connection as its user sees it. */
  private final class Heard implements Connection, AskingConnection.Listener {
    private final Listener listener;
    private @Nullable AskingConnection connection;

    /** Its user hears nothing any more; of the control thread. */
    private boolean over;

    Heard(Listener listener) {
      this.listener = listener;
    }

    private void onControl(Runnable task) {
      try {
        control.execute(
            () -> {
              if (!over) {
                task.run();
              }
            });
      } catch (RejectedExecutionException stopping) {
        return; // nobody wants to know any more
      }
    }

    @Override
    public void opened() {
      onControl(listener::opened);
    }

    @Override
    public void message(ReplyValue message) {
      onControl(() -> listener.message(message));
    }

    @Override
    public void closed(String why) {
      onControl(() -> listener.closed(why));
    }

    @Override
    public void ask(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies) {
      if (connection != null) {
        connection.ask(requests, came -> onControl(() -> replies.accept(came)));
      }
    }

    @Override
    public void close() {
      over = true;
      if (connection != null) {
        connection.close();
      }
    }
  }
}
