package io.cashew.proxy.client.answer;

import io.cashew.proxy.acl.AccessCheck;
import io.cashew.proxy.acl.AclLog.Context;
import io.cashew.proxy.acl.AclLog.Reason;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Verdict;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.FailedLogins;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Lets through what the users of a pool may do, and notes what they may not in the pool's {@link
 * AclLog}. One per pool and worker, confined to it.
 */
public final class AccessGuard {
  private final AccessCheck check = new AccessCheck();
  private final PoolPart pool;
  private final FailedLogins failedLogins;

  public AccessGuard(PoolPart pool, FailedLogins failedLogins) {
    this.pool = pool;
    this.failedLogins = failedLogins;
  }

  /** Whether a client whose user is restricted may send a request; if not, it has its error. */
  public boolean admits(Client client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    User user = client.session().rights();
    Verdict verdict = check.check(user, command, frame);
    return switch (verdict) {
      case ALLOWED -> true;
      case COMMAND ->
          refuse(client, verdict, command, Reason.COMMAND, Replies.bytes(command.name()), "");
      case KEY -> refuse(client, verdict, command, Reason.KEY, argument(frame), "");
      case CHANNEL -> refuse(client, verdict, command, Reason.CHANNEL, argument(frame), "");
      case SORT_PATTERN -> refuse(client, verdict, command, null, new byte[0], sortOption(frame));
      case MALFORMED -> {
        client.refuse(RefusalKind.BAD_ARGUMENT, check.malformed());
        yield false;
      }
    };
  }

  private byte[] argument(RequestFrame frame) {
    return Arguments.bytes(frame, check.argument());
  }

  private String sortOption(RequestFrame frame) {
    return frame.argEquals(check.argument() - 1, "BY") ? "BY" : "GET";
  }

  /**
   * Always false.
   *
   * @param reason null: Redis's log has no such entry
   */
  private boolean refuse(
      Client client,
      Verdict verdict,
      Command command,
      @Nullable Reason reason,
      byte[] object,
      String sortOption) {
    User user = client.session().rights();
    if (reason != null) {
      note(client, reason, object, user.name());
    }
    client.refuse(RefusalKind.NOT_PERMITTED, user.error(verdict, command.name(), sortOption));
    return false;
  }

  private void note(Client client, Reason reason, byte[] object, String username) {
    pool.aclLog()
        .add(
            reason,
            client.mode().inTransaction() ? Context.MULTI : Context.TOPLEVEL,
            object,
            username,
            ClientLine.of(client),
            System.currentTimeMillis());
  }

  /**
   * Whether a client may begin to send a request of which only the beginning is there. If not, it
   * must be held until it is whole.
   */
  public boolean admitsPartial(Client client, Command command, RequestFrame frame) {
    return check.allowsPartial(client.session().rights(), command, frame);
  }

  /** The user whose password this is; null, and noted, if it is nobody's. */
  @Nullable User authenticate(Client client, RequestFrame frame, String name, byte[] password) {
    assert pool.worker().inThread();
    User user = pool.users().authenticate(name, password);
    SocketAddress peer = client.address();
    long lateMillis;
    if (user == null) {
      note(client, Reason.AUTH, Arguments.bytes(frame, 0), name);
      lateMillis = failedLogins.failed(peer, pool.worker().nowNanos());
    } else {
      lateMillis = failedLogins.succeeded(peer);
    }
    if (lateMillis > 0) {
      client.answerLate(lateMillis, () -> failedLogins.answered(peer));
    }
    return user;
  }
}
