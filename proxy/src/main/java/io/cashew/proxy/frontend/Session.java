package io.cashew.proxy.frontend;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What one client has said of itself. Confined to its worker. */
final class Session {
  private static final AtomicLong IDS = new AtomicLong();

  private final long id = IDS.incrementAndGet();
  private final Channel channel;
  private final long openedMillis = System.currentTimeMillis();
  private User user;
  private boolean authenticated;
  private boolean restricted;
  private boolean resp3;
  private int database;
  private String name = "";
  private String libraryName = "";
  private String libraryVersion = "";

  Session(Users users, Channel channel) {
    this.channel = channel;
    user = users.defaultUser();
    reset(users);
  }

  /** Back to a connection that has just been accepted. */
  void reset(Users users) {
    become(users.defaultUser(), users.open());
    name = "";
    resp3 = false;
    database = 0;
  }

  /** Unique in the process, rising, as Redis's are on a server. */
  long id() {
    return id;
  }

  boolean authenticated() {
    return authenticated;
  }

  /** The client is this user from now on. */
  void become(User newUser, boolean nowAuthenticated) {
    user = newUser;
    authenticated = nowAuthenticated;
    restricted = !newUser.unrestricted();
  }

  /** Name of the user that the client is. */
  String user() {
    return user.name();
  }

  /** What the client may do. */
  User rights() {
    return user;
  }

  /** Whether there is something that the client may not do: its requests must be checked then. */
  boolean restricted() {
    return restricted;
  }

  /** Whether the client has asked for RESP3. */
  boolean resp3() {
    return resp3;
  }

  void resp3(boolean now) {
    resp3 = now;
  }

  /** The database that the client has selected. */
  int database() {
    return database;
  }

  void database(int now) {
    database = now;
  }

  String name() {
    return name;
  }

  void name(String newName) {
    name = newName;
  }

  void libraryName(String newName) {
    libraryName = newName;
  }

  void libraryVersion(String newVersion) {
    libraryVersion = newVersion;
  }

  /** Where the client is. */
  String peer() {
    return text(channel.remoteAddress());
  }

  /** The line that CLIENT INFO gives, with Redis's fields as far as a proxy has them. */
  String line() {
    long ageSeconds = (System.currentTimeMillis() - openedMillis) / 1000;
    return "id="
        + id
        + " addr="
        + peer()
        + " laddr="
        + text(channel.localAddress())
        + " name="
        + name
        + " age="
        + ageSeconds
        + " idle=0 flags=N db="
        + database
        + " user="
        + user()
        + " resp="
        + (resp3 ? 3 : 2)
        + " lib-name="
        + libraryName
        + " lib-ver="
        + libraryVersion;
  }

  private static String text(@Nullable SocketAddress address) {
    if (address instanceof InetSocketAddress inet) {
      return inet.getHostString() + ":" + inet.getPort();
    }
    return address == null ? "?:0" : address.toString();
  }
}
