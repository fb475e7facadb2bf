package io.cashew.proxy.backend;

import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.Replies;
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

  private static final byte[] PING = Replies.bytes("*1\r\n$4\r\nPING\r\n");
  private static final byte[] CLIENT_ID = Replies.bytes("*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n");

  private final Backend backend;
  private final RequestConnection connection;
  private final NodeRecorder recorder;
  private final Lane lane;
  private final List<Runnable> whenIdentified = new ArrayList<>();
  private int unblocksInFlight;
  private boolean givenBack;
  private boolean changed;

  /** What was sent may be served by what others write: {@link Waiters} counts it. */
  private boolean waits;

  Lease(Backend backend, RequestConnection connection, NodeRecorder recorder, Lane lane) {
    this.backend = backend;
    this.connection = connection;
    this.recorder = recorder;
    this.lane = lane;
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
    recorder.requests++;
    recorder.requestBytes += length;
    if (connection.closed()) {
      backend.refuseLost(request);
    } else {
      connection.send(buf, index, length, request);
    }
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
    connection.patience(millis);
    backend.watchWait(connection, lane);
    if (connection.idOnNode() == 0) {
      send(
          CLIENT_ID,
          text -> {
            connection.idOnNode(text);
            whenIdentified.forEach(Runnable::run);
            whenIdentified.clear();
          });
    }
  }

  /** The request that is sent next waits for a key, until {@link #giveBack} or {@link #leave}. */
  public void waitForKey() {
    waits = true;
    backend.waiters().begin();
  }

  /**
   * Ends the connection because its client has left. If it waits for a key, {@link
   * Backend#whenForgotten} tells when the node can give it nothing any more: the end of a
   * connection is in no order with what comes on other connections, the reply to a command is.
   */
  public void leave() {
    if (waits) {
      waits = false;
      Waiters waiters = backend.waiters();
      waiters.leave();
      long id = connection.idOnNode();
      backend.askServerOf(
          connection,
          lane,
          id == 0 ? PING : HandshakeStep.frame("CLIENT", "UNBLOCK", Long.toString(id)),
          text -> waiters.forgotten(),
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
    if (connection.closed()) {
      done.accept(false);
    } else if (connection.idOnNode() == 0) {
      whenIdentified.add(() -> unblock(withError, done));
    } else {
      // Until the node has answered, nobody else may have the connection: it would be unblocked.
      unblocksInFlight++;
      String id = Long.toString(connection.idOnNode());
      backend.askServerOf(
          connection,
          lane,
          HandshakeStep.frame("CLIENT", "UNBLOCK", id, withError ? "ERROR" : "TIMEOUT"),
          text -> unblocked(text.equals(":1"), done),
          () -> unblocked(false, done));
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
    givenBack = true;
    if (waits) {
      waits = false;
      backend.waiters().end();
    }
    if (unblocksInFlight == 0 && connection.leased() && !connection.closed()) {
      connection.patience(0);
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
      connection.fail(Backend.ABANDONED, false);
    }
  }
}
