package io.cashew.proxy.backend;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Questions of the proxy's own to a node, on a connection that is closed when they have been
 * answered: no request waits for them, and that there is no answer says nothing of the node's
 * health. Made anywhere, then confined to the worker that asks.
 */
public final class ServerQuery implements RequestConnection.Owner {
  /** Longer replies are cut, which whoever reads them finds out. */
  private static final int MAX_REPLY = 4 << 20;

  private static final NodeFailure ANSWERED = NodeFailure.ABANDONED;

  private final List<byte[]> requests;
  private final Consumer<@Nullable List<byte[]>> done;
  private final List<Answer> answers = new ArrayList<>();
  private Consumer<RequestConnection> forget = connection -> {};
  private int unanswered;
  private boolean told;

  /**
   * Asks nothing yet: see {@link Backend#query}.
   *
   * @param requests each whole, in RESP
   * @param done gets the replies in the order of the requests, each whole or cut at 4 MB, or null
   *     if one of them did not come; once, on the thread of the worker that asks
   */
  public ServerQuery(List<byte[]> requests, Consumer<@Nullable List<byte[]>> done) {
    this.requests = requests;
    this.done = done;
    unanswered = requests.size();
  }

  void whenClosed(Consumer<RequestConnection> runs) {
    forget = runs;
  }

  /** The node cannot be asked. */
  void refused() {
    tell(null);
  }

  private void tell(@Nullable List<byte[]> replies) {
    if (!told) {
      told = true;
      done.accept(replies);
    }
  }

  @Override
  public void onReady(RequestConnection connection) {
    for (byte[] request : requests) {
      Answer answer = new Answer();
      answers.add(answer);
      connection.enqueue(answer);
      connection.outbound().write(request, 0, request.length);
    }
  }

  @Override
  public boolean isCounted() {
    return false;
  }

  @Override
  public void onIdle(RequestConnection connection) {
    if (unanswered == 0) {
      connection.fail(ANSWERED, false);
    }
  }

  @Override
  public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
    forget.accept(connection);
    tell(
        unanswered == 0
            ? answers.stream().map(answer -> answer.bytes.toByteArray()).toList()
            : null);
  }

  private final class Answer extends InFlight {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Answer() {
      proxysOwn = true;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      int taken = Math.min(length, MAX_REPLY - bytes.size());
      byte[] piece = new byte[taken];
      buf.getBytes(index, piece);
      bytes.writeBytes(piece);
      if (last) {
        unanswered--;
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {} // the connection's end tells

    /** Never stalls: it is held whole. */
    @Override
    public void onStallTimeout() {}
  }
}
