package io.cashew.proxy.backend;

import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A connection to a node that one client has to itself for a while: for what a node remembers of a
 * connection (a transaction, watched keys) and for what makes others on it wait (a blocking
 * command). Confined to the worker.
 *
 * <p>Its holder ends it with {@link #giveBack} if the node remembers nothing of it, else with
 * {@link #close}.
 */
public final class Lease {
  /** A block without an end. */
  public static final long FOR_EVER = -1;

  private final Backend backend;
  private final RequestConnection connection;
  private final NodeRecorder recorder;
  private final Lane lane;
  private final ServerQueries queries;
  private final Waiters waiters;
  private final WaitWatches watches;
  private final LeaseState state;
  private final List<Runnable> whenIdentified = new ArrayList<>();
  private int unblocksInFlight;
  private boolean givenBack;
  private boolean changed;

  /** What was sent may be served by what others write: {@link Waiters} counts it. */
  private boolean waits;

  /** Begins with {@code connection}; the rest is the backend's. */
  Lease(
      Backend backend,
      RequestConnection connection,
      Lane lane,
      ServerQueries queries,
      Waiters waiters,
      WaitWatches watches) {
    this.backend = backend;
    this.connection = connection;
    this.lane = lane;
    this.queries = queries;
    this.waiters = waiters;
    this.watches = watches;
    recorder = backend.recorder();
    state = connection.lease();
    state.begin();
  }

  /** The node that it leads to. */
  public Backend backend() {
    return backend;
  }

  /** Whether the connection has ended by itself. */
  public boolean lost() {
    return connection.closed();
  }

  /**
   * Sends a request after those that were sent before.
   *
   * @param buf holds the request; borrowed
   * @param request takes the reply
   */
  public void send(ByteBuf buf, int index, int length, InFlight request) {
    assert connection.inThread();
    request.goesTo(backend.node());
    recorder.requests++;
    recorder.requestBytes += length;
    if (connection.closed()) {
      backend.refuseLost(request);
    } else {
      connection.send(buf, index, length, request);
    }
  }

  /** The request that is sent next, or a transaction, may be for a slot that is on its way here. */
  public void asking() {
    send(OwnCommands.ASKING, text -> {});
  }

  /** Sends a command of the proxy's own, and gives what the node says, a line, to {@code reply}. */
  public void send(byte[] command, Consumer<String> reply) {
    if (!connection.closed()) {
      connection.enqueue(new TextReply(reply));
      connection.outbound().write(command, 0, command.length);
    }
  }

  /**
   * Sends requests whose replies are not a client's.
   *
   * @param requests whole requests, in a row; borrowed
   * @param count how many
   * @param reply is given each reply, a line
   */
  public void send(ByteBuf requests, int count, Consumer<String> reply) {
    if (!connection.closed()) {
      for (int i = 0; i < count; i++) {
        connection.enqueue(new TextReply(reply));
      }
      connection.outbound().write(requests, requests.readerIndex(), requests.readableBytes());
    }
  }

  /** The node remembers something of this connection that no command undoes. */
  public void changed() {
    changed = true;
  }

  /**
   * The request that is sent next may take so much longer than others.
   *
   * @param millis how much, or {@link #FOR_EVER}
   */
  public void patience(long millis) {
    assert connection.inThread();
    state.patience(millis);
    watches.begin(connection, lane);
    if (state.idOnNode() == 0) {
      send(
          OwnCommands.CLIENT_ID,
          text -> {
            state.idOnNode(text);
            whenIdentified.forEach(Runnable::run);
            whenIdentified.clear();
          });
    }
  }

  /** The request that is sent next waits for a key, until {@link #giveBack} or {@link #leave}. */
  public void waitForKey() {
    waits = true;
    waiters.begin();
  }

  /**
   * Ends the connection because its client has left. If it waits for a key, {@link
   * Backend#whenForgotten} tells when the node can give it nothing any more: the end of a
   * connection is in no order with what comes on other connections, the reply to a command is.
   */
  public void leave() {
    assert connection.inThread();
    if (waits) {
      waits = false;
      waiters.leave();
      long id = state.idOnNode();
      queries.askServerOf(
          connection,
          lane,
          id == 0 ? OwnCommands.PING : OwnCommands.of("CLIENT", "UNBLOCK", Long.toString(id)),
          text -> waiters.forgotten(null),
          waiters::forgotten);
    }
    close();
  }

  /**
   * Ends the wait of a blocking command that was sent, as {@code CLIENT UNBLOCK} does.
   *
   * @param withError whether its reply is to be an error
   * @param done hears whether it was still waiting
   */
  public void unblock(boolean withError, Consumer<Boolean> done) {
    assert connection.inThread();
    if (connection.closed()) {
      done.accept(false);
    } else if (state.idOnNode() == 0) {
      whenIdentified.add(() -> unblock(withError, done));
    } else {
      // Until the node has answered, nobody else may have the connection: it would be unblocked.
      unblocksInFlight++;
      String id = Long.toString(state.idOnNode());
      queries.askServerOf(
          connection,
          lane,
          OwnCommands.of("CLIENT", "UNBLOCK", id, withError ? "ERROR" : "TIMEOUT"),
          text -> unblocked(text.equals(":1"), done),
          failure -> unblocked(false, done));
    }
  }

  private void unblocked(boolean wasWaiting, Consumer<Boolean> done) {
    unblocksInFlight--;
    done.accept(wasWaiting);
    if (givenBack) {
      giveBack();
    }
  }

  /** The node remembers nothing of this client, or will not when it has answered what was sent. */
  public void giveBack() {
    assert connection.inThread();
    givenBack = true;
    if (waits) {
      waits = false;
      waiters.end();
    }
    if (unblocksInFlight == 0 && state.leased() && !connection.closed()) {
      state.patience(0);
      if (changed) {
        close();
      } else {
        connection.endLease();
      }
    }
  }

  /** Ends the connection; what is in flight on it fails as abandoned. */
  public void close() {
    if (!connection.closed()) {
      connection.fail(NodeFailure.ABANDONED, false);
    }
  }
}
