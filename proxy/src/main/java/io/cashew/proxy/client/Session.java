package io.cashew.proxy.client;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.cache.Seat;
import io.cashew.proxy.command.Command;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What one client has said of itself. Confined to its worker. */
public final class Session {
  private static final AtomicLong IDS = new AtomicLong();

  private final long id = IDS.incrementAndGet();
  private final Channel channel;
  private final long openedMillis = System.currentTimeMillis();
  private User user;
  private boolean authenticated;
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

  /** What the near cache knows of the client; null: nothing, or the pool has none. */
  private @Nullable Seat seat;

  public Session(Users users, Channel channel) {
    this.channel = channel;
    user = users.defaultUser();
    reset(users);
  }

  /** Back to a connection that has just been accepted. */
  public void reset(Users users) {
    become(users.defaultUser(), users.open());
    name = "";
    resp3 = false;
    noEvict = false;
    noTouch = false;
    database = 0;
    if (seat != null) {
      seat.caching(true);
    }
  }

  /** Unique in the process, rising, as Redis's are on a server. */
  public long id() {
    return id;
  }

  public boolean authenticated() {
    return authenticated;
  }

  /** The client is this user from now on. */
  public void become(User newUser, boolean nowAuthenticated) {
    user = newUser;
    authenticated = nowAuthenticated;
  }

  /** Name of the user that the client is. */
  public String user() {
    return user.name();
  }

  /** What the client may do. */
  public User rights() {
    return user;
  }

  /** Whether there is something that the client may not do: its requests must be checked then. */
  public boolean restricted() {
    return !user.unrestricted();
  }

  /** Whether the client has asked for RESP3. */
  public boolean resp3() {
    return resp3;
  }

  public void resp3(boolean now) {
    resp3 = now;
  }

  /** The database that the client has selected. */
  public int database() {
    return database;
  }

  public void database(int now) {
    database = now;
  }

  public String name() {
    return name;
  }

  public void name(String newName) {
    name = newName;
  }

  public String libraryName() {
    return libraryName;
  }

  public void libraryName(String newName) {
    libraryName = newName;
  }

  public String libraryVersion() {
    return libraryVersion;
  }

  public void libraryVersion(String newVersion) {
    libraryVersion = newVersion;
  }

  /** The client has sent a request; null if there is no such command. */
  public void requested(@Nullable Command command, long tickMillis) {
    lastCommand = command;
    lastTickMillis = tickMillis;
  }

  /** Name of the command that was asked for last, {@code client|list}. */
  public String lastCommand() {
    return lastCommand == null ? "NULL" : lastCommand.name();
  }

  /** The row of that command; null if there is none. */
  public @Nullable Command lastRow() {
    return lastCommand;
  }

  /** When a request was read last, on the worker's clock. */
  public long lastTickMillis() {
    return lastTickMillis;
  }

  public long ageSeconds() {
    return (System.currentTimeMillis() - openedMillis) / 1000;
  }

  public boolean noEvict() {
    return noEvict;
  }

  public void noEvict(boolean now) {
    noEvict = now;
  }

  public boolean noTouch() {
    return noTouch;
  }

  public void noTouch(boolean now) {
    noTouch = now;
  }

  /** The client that gets this one's invalidation messages: 0 is itself, -1: none is sent. */
  public long redirect() {
    return redirect;
  }

  public void redirect(long client) {
    redirect = client;
  }

  /** How many channels, patterns and shard channels the client listens to. */
  public void subscribed(int toChannels, int toPatterns, int toShardChannels) {
    channels = toChannels;
    patterns = toPatterns;
    shardChannels = toShardChannels;
  }

  /** Whether the client listens to anything. */
  public boolean subscribed() {
    return channels + patterns + shardChannels > 0;
  }

  /** Channels that the client listens to. */
  public int channels() {
    return channels;
  }

  /** Patterns that the client listens to. */
  public int patterns() {
    return patterns;
  }

  /** Shard channels that the client listens to. */
  public int shardChannels() {
    return shardChannels;
  }

  /** What the near cache knows of the client. */
  public Seat seat() {
    Seat known = seat;
    if (known == null) {
      seat = known = new Seat();
    }
    return known;
  }

  /** The client leaves, or begins anew. */
  public void leavesCache() {
    if (seat != null) {
      seat.left();
    }
  }

  /** Where the client is. */
  public String peer() {
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
  public String local() {
    return address(channel.localAddress(), channel.localAddress());
  }

  /** Whether it has connected over TCP, and not through a socket file. */
  public boolean isTcp() {
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
