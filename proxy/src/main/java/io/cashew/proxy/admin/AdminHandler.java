package io.cashew.proxy.admin;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.WriteTimeoutException;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the admin address: finds the row for a request, writes the reply, then reads
 * the next request. Owned by the admin thread.
 */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

  private final RouteTable routes;
  private final Supplier<AdminGuard> guard;
  private final long timeoutMillis;
  private final boolean tooMany;

  /** Requests that came in one read with the one that is being answered. */
  private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();

  private boolean answering;
  private @Nullable Future<?> deadline;

  AdminHandler(RouteTable routes, Supplier<AdminGuard> guard, long timeoutMillis, boolean tooMany) {
    this.routes = routes;
    this.guard = guard;
    this.timeoutMillis = timeoutMillis;
    this.tooMany = tooMany;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (tooMany) {
      writeAndClose(ctx, AdminReply.text(503, "too many connections to the admin address"));
    } else {
      readNext(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    endDeadline();
    waiting.forEach(FullHttpRequest::release);
    waiting.clear();
  }

  /** Waits for one whole request: an idle client and one that dribbles are closed alike. */
  private void readNext(ChannelHandlerContext ctx) {
    deadline = ctx.executor().schedule(() -> ctx.close(), timeoutMillis, TimeUnit.MILLISECONDS);
    ctx.read();
  }

  private void endDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    endDeadline();
    waiting.add(request.retain());
    if (!answering) {
      answerNext(ctx);
    }
  }

  private void answerNext(ChannelHandlerContext ctx) {
    FullHttpRequest request = waiting.poll();
    answering = request != null;
    if (request == null) {
      readNext(ctx);
      return;
    }
    try {
      answer(ctx, request);
    } finally {
      request.release();
    }
  }

  private void answer(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      writeAndClose(ctx, unreadable(request.decoderResult().cause()));
      return;
    }
    AdminRequest asked;
    try {
      asked = read(request, from(ctx.channel().remoteAddress()));
    } catch (IllegalArgumentException badEscape) {
      writeAndClose(ctx, AdminReply.text(400, "bad request: " + oneLine(badEscape)));
      return;
    }
    String method = request.method().name();
    AdminReply refusal = guard.get().refusal(method, asked);
    if (refusal != null) {
      write(ctx, refused(refusal));
      return;
    }
    Route route = routes.find(method, asked.path());
    if (route == null) {
      write(ctx, notFound(method, asked.path()));
    } else {
      handle(ctx, route, asked);
    }
  }

  /** Copies what a handler may see, because the request's buffer ends before its reply. */
  private static AdminRequest read(FullHttpRequest request, String from) {
    QueryStringDecoder target = new QueryStringDecoder(request.uri());
    return new AdminRequest(
        target.path(),
        target.parameters(),
        request.headers(),
        ByteBufUtil.getBytes(request.content()),
        from);
  }

  /** The host of who asks: its port says nothing. */
  private static String from(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? NetUtil.toAddressString(inet.getAddress())
        : String.valueOf(address);
  }

  private static AdminReply unreadable(Throwable cause) {
    int status =
        cause instanceof TooLongHttpLineException
            ? 414
            : cause instanceof TooLongHttpHeaderException ? 431 : 400;
    return AdminReply.text(status, "bad request: " + oneLine(cause));
  }

  private FullHttpResponse notFound(String method, String path) {
    Set<String> methods = routes.methods(path);
    if (methods.isEmpty()) {
      return response(AdminReply.text(404, "no such path; there are:\n" + routes.index()));
    }
    String allowed = String.join(", ", methods);
    FullHttpResponse reply =
        response(AdminReply.text(405, path + " answers " + allowed + ", not " + method));
    reply.headers().set(HttpHeaderNames.ALLOW, allowed);
    return reply;
  }

  private static FullHttpResponse refused(AdminReply refusal) {
    FullHttpResponse reply = response(refusal);
    if (refusal.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
      reply.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    return reply;
  }

  private void handle(ChannelHandlerContext ctx, Route route, AdminRequest request) {
    CompletionStage<AdminReply> answer;
    try {
      answer = route.handler().answer(request);
    } catch (Exception failure) {
      answer = CompletableFuture.failedFuture(failure);
    }
    answer.whenComplete(
        (reply, failure) ->
            onLoop(
                ctx.executor(),
                () -> write(ctx, response(reply == null ? failed(route, failure) : reply))));
  }

  /** A stage may be completed elsewhere; a connection is written to by its own thread. */
  private static void onLoop(EventExecutor loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  private static AdminReply failed(Route route, @Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String reason = cause == null ? "its handler answered nothing" : oneLine(cause);
    LOG.error("{} {} failed: {}", route.method(), route.path(), reason, cause);
    return AdminReply.text(500, route.method() + " " + route.path() + " failed: " + reason);
  }

  private void write(ChannelHandlerContext ctx, FullHttpResponse response) {
    ctx.writeAndFlush(response)
        .addListener(
            written -> {
              if (written.isSuccess() && ctx.channel().isActive()) {
                answerNext(ctx);
              }
            });
  }

  private static void writeAndClose(ChannelHandlerContext ctx, AdminReply reply) {
    FullHttpResponse response = response(reply);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** The codec leaves the body out where the request was HEAD; the length says what it would be. */
  private static FullHttpResponse response(AdminReply reply) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(reply.status()),
            Unpooled.wrappedBuffer(reply.body()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
    response.headers().set("x-content-type-options", "nosniff");
    // What is said of this moment is not to be kept, unless a reply says otherwise.
    response.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
    reply.headers().forEach(response.headers()::set);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, reply.body().length);
    return response;
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    return (message == null ? failure.getClass().getSimpleName() : message).replaceAll("\\R", " ");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException
        || cause instanceof WriteTimeoutException
        || cause instanceof CodecException) {
      LOG.debug(
          "closing admin client {}, which left or broke HTTP",
          ctx.channel().remoteAddress(),
          cause);
    } else {
      LOG.error("closing admin client {}", ctx.channel().remoteAddress(), cause);
    }
    ctx.close();
  }
}
