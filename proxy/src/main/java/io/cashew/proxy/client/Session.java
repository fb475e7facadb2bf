package io.cashew.proxy.client;

import java.net.SocketAddress;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.command.Command;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
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
  private long lastTickMillis;
  private @Nullable Command lastCommand;
  private @Nullable String peerText;
  private boolean noEvict;
  private boolean noTouch;
  private long redirect = -1;
  private int channels;
  private int patterns;
  private int shardChannels;

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
    noEvict = false;
    noTouch = false;
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

  String libraryName() {
    return libraryName;
  }

  void libraryName(String newName) {
    libraryName = newName;
  }

  String libraryVersion() {
    return libraryVersion;
  }

  void libraryVersion(String newVersion) {
    libraryVersion = newVersion;
  }

  /** The client has sent a request; null if there is no such command. */
  void requested(@Nullable Command command, long tickMillis) {
    lastCommand = command;
    lastTickMillis = tickMillis;
  }

  /** Name of the command that was asked for last, {@code client|list}. */
  String lastCommand() {
    return lastCommand == null ? "NULL" : lastCommand.name();
  }

  /** The row of that command; null if there is none. */
  @Nullable Command lastRow() {
    return lastCommand;
  }

  /** When a request was read last, on the worker's clock. */
  long lastTickMillis() {
    return lastTickMillis;
  }

  long ageSeconds() {
    return (System.currentTimeMillis() - openedMillis) / 1000;
  }

  boolean noEvict() {
    return noEvict;
  }

  void noEvict(boolean now) {
    noEvict = now;
  }

  boolean noTouch() {
    return noTouch;
  }

  void noTouch(boolean now) {
    noTouch = now;
  }

  /** The client that gets this one's invalidation messages: 0 is itself, -1: none is sent. */
  long redirect() {
    return redirect;
  }

  void redirect(long client) {
    redirect = client;
  }

  /** How many channels, patterns and shard channels the client listens to. */
  void subscribed(int toChannels, int toPatterns, int toShardChannels) {
    channels = toChannels;
    patterns = toPatterns;
    shardChannels = toShardChannels;
  }

  /** Whether the client listens to anything. */
  boolean subscribed() {
    return channels + patterns + shardChannels > 0;
  }

  /** Channels that the client listens to. */
  int channels() {
    return channels;
  }

  /** Patterns that the client listens to. */
  int patterns() {
    return patterns;
  }

  /** Shard channels that the client listens to. */
  int shardChannels() {
    return shardChannels;
  }

  /** Where the client is. */
  String peer() {
    return address(channel.remoteAddress(), channel.localAddress());
  }

  /** The same, worded once. */
  String peerText() {
    String text = peerText;
    if (text == null) {
      peerText = text = peer();
    }
    return text;
  }

  /** Where the client has connected to. */
  String local() {
    return address(channel.localAddress(), channel.localAddress());
  }

  /** Whether it has connected over TCP, and not through a socket file. */
  boolean isTcp() {
    return channel.localAddress() instanceof InetSocketAddress;
  }

  /** An address as Redis writes it. */
  private static String address(@Nullable SocketAddress address, @Nullable SocketAddress listener) {
    if (address instanceof InetSocketAddress inet) {
      String host =
          inet.getAddress() == null ? inet.getHostString() : inet.getAddress().getHostAddress();
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
    }
    return (listener == null ? "?" : listener) + ":0";
  }
}
