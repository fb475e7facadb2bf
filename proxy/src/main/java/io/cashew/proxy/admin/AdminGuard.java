package io.cashew.proxy.admin;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin address. Immutable.
 *
 * <p>With a token, whoever has it. Without one whoever can reach the address, but for a browser
 * that was sent here: a page of the web may make a browser on this machine, which can reach it,
 * send requests, directly or after its own name has been pointed here (DNS rebinding). It cannot
 * keep the browser from saying where the page is from, so a request that would change something and
 * comes from a page is let pass only from a page that was served here, under a name that nobody
 * else could own.
 */
public final class AdminGuard {
  /** They tell no more than a connection that is accepted does. */
  private static final Set<String> HEALTH = Set.of("/healthz", "/readyz");

  private static final Set<String> CHANGES_NOTHING = Set.of("GET", "HEAD");

  private final byte @Nullable [] authorization;

  private AdminGuard(byte @Nullable [] authorization) {
    this.authorization = authorization;
  }

  /** Lets everybody pass who can reach the address, but for pages of the web. */
  public static AdminGuard open() {
    return new AdminGuard(null);
  }

  /** Lets pass who sends {@code Authorization: Bearer token}. */
  public static AdminGuard withToken(String token) {
    return new AdminGuard(("Bearer " + token).getBytes(StandardCharsets.UTF_8));
  }

  /** What is answered instead; null: the request may pass. */
  @Nullable AdminReply refusal(String method, AdminRequest request) {
    if (isForEverybody(request.path()) && CHANGES_NOTHING.contains(method)) {
      return null;
    }
    if (authorization != null) {
      byte[] given = request.header("authorization").getBytes(StandardCharsets.UTF_8);
      // In constant time. A browser sends no token of its own accord: there is no more to check.
      return MessageDigest.isEqual(authorization, given)
          ? null
          : AdminReply.text(401, "this address needs a token: Authorization: Bearer TOKEN");
    }
    return CHANGES_NOTHING.contains(method) || !isFromForeignPage(request)
        ? null
        : AdminReply.text(403, "refused: the request comes from a page that was not served here");
  }

  /** Health, and what is part of the program: the console asks for the token by itself. */
  private static boolean isForEverybody(String path) {
    return HEALTH.contains(path)
        || path.equals(RouteTable.HELP)
        || ConsoleRoutes.PATHS.contains(path);
  }

  private static boolean isFromForeignPage(AdminRequest request) {
    String origin = request.header("origin");
    String site = request.header("sec-fetch-site");
    if (origin.isEmpty() && site.isEmpty()) {
      return false; // no browser
    }
    boolean sameSite = site.isEmpty() || site.equals("same-origin") || site.equals("none");
    String host = request.header("host");
    boolean sameOrigin = origin.isEmpty() || origin.equals("http://" + host);
    return !sameSite || !sameOrigin || !isOwnedByNobody(host);
  }

  /** Whether a host is an address or {@code localhost}: no name server can point it elsewhere. */
  private static boolean isOwnedByNobody(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    boolean hasPort = colon > hostAndPort.lastIndexOf(']');
    String host = hasPort ? hostAndPort.substring(0, colon) : hostAndPort;
    return host.equals("localhost")
        || NetUtil.isValidIpV4Address(host)
        || NetUtil.isValidIpV6Address(host);
  }
}
