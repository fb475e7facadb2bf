package io.cashew.proxy.client;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.insight.Printable;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.tracing.TraceExport;
import io.cashew.proxy.tracing.TraceSampler;
import io.cashew.proxy.tracing.TracedPool;
import io.cashew.proxy.tracing.TracedRequest;
import io.cashew.proxy.tracing.TracedRequest.Place;
import io.cashew.proxy.tracing.TracedRequest.Times;
import io.cashew.proxy.tracing.Tracing;
import org.jspecify.annotations.Nullable;

/**
 * Hands over those requests of one pool on one worker that are to become spans. Confined to the
 * worker.
 */
final class RequestTraces {
  private final String name;
  private final Worker worker;
  private final TracedPool pool;
  private final Tracing tracing;
  private final TraceSampler sampler;

  RequestTraces(String name, Worker worker, TracedPool pool, Tracing tracing) {
    this.name = name;
    this.worker = worker;
    this.pool = pool;
    this.tracing = tracing;
    sampler = new TraceSampler(System.nanoTime() + worker.index());
  }

  /** Where spans go; null: none is made. */
  @Nullable TraceExport export() {
    return tracing.export();
  }

  /** Whether a request that nobody had to wait for becomes a span. */
  boolean takes(TraceExport export) {
    return sampler.takes(export) && export.hasRoom();
  }

  /** Whether a request whose reply is over becomes one. */
  boolean takes(TraceExport export, PendingReply reply, Command command, long nanos) {
    assert worker.inThread();
    boolean sampled = sampler.takes(export);
    return (sampled || isSlow(export, reply, command, nanos)) && export.hasRoom();
  }

  private static boolean isSlow(
      TraceExport export, PendingReply reply, Command command, long nanos) {
    return nanos > export.target().slowNanos()
        && !reply.waitsByIntent()
        && !command.has(CommandFlag.SKIP_SLOWLOG);
  }

  /** Hands over a request whose reply is over. */
  void over(
      TraceExport export,
      Session session,
      PendingReply reply,
      Command command,
      Times times,
      byte[] key) {
    Node node = reply.node();
    export.add(
        new TracedRequest(
            pool,
            command.name(),
            times,
            session.peerText(),
            session.database(),
            node == null ? null : new Place(node.nameIn(name), node.address().text()),
            reply.hops(),
            reply.requestBytes(),
            reply.replyBytes(),
            reply.isError() ? reply.errorWord() : null,
            isSlow(export, reply, command, times.nanos()),
            key.length == 0 ? null : Printable.quoted(key)));
  }

  /**
   * Hands over a request that no node was asked for.
   *
   * @param error the first word of its reply; null: it is not known to be an error
   */
  void here(
      TraceExport export,
      Session session,
      Command command,
      long nanos,
      long requestBytes,
      long replyBytes,
      @Nullable String error) {
    export.add(
        new TracedRequest(
            pool,
            command.name(),
            Times.here(worker.nowNanos(), nanos),
            session.peerText(),
            session.database(),
            null,
            0,
            requestBytes,
            replyBytes,
            error,
            false,
            null));
  }
}
