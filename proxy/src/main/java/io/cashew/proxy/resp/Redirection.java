package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where {@code MOVED slot host:port} or {@code ASK slot host:port} sends a request (Redis's {@code
 * cluster.c}, {@code clusterRedirectClient}). Filled anew by each; confined to its owner's thread.
 */
public final class Redirection {
  private static final int MAX_SLOT = 16_383;

  /** No host name is longer, nor is its port with the colon. */
  private static final int MAX_ADDRESS = 253 + 6;

  private int slot;
  private final byte[] address;
  private int length;

  /** Leads nowhere yet. */
  public Redirection() {
    address = new byte[MAX_ADDRESS];
  }

  private Redirection(Redirection of) {
    slot = of.slot;
    length = of.length;
    address = Arrays.copyOf(of.address, of.length);
  }

  /** The same, which stays as it is. */
  public Redirection copy() {
    return new Redirection(this);
  }

  /**
   * Reads an error.
   *
   * @param buf holds it, from its {@code -}; borrowed
   * @param index of the {@code -}
   * @param bytes of the error, its end of line included
   * @param askedAt {@code host:port} of the server that says so: one that names no host means its
   *     own
   * @return false if it does not lead anywhere; then nothing else may be asked
   */
  public boolean read(ByteBuf buf, int index, int bytes, String askedAt) {
    int end = index + bytes;
    while (end > index && buf.getByte(end - 1) <= ' ') {
      end--;
    }
    int at = buf.indexOf(index, end, (byte) ' ') + 1;
    int space = at == 0 ? -1 : buf.indexOf(at, end, (byte) ' ');
    if (space < 0 || !readSlot(buf, at, space)) {
      return false;
    }
    int from = space + 1;
    int ownHost = isWithoutHost(buf, from, end) ? Math.max(0, askedAt.lastIndexOf(':')) : 0;
    if (end == from || ownHost + end - from > MAX_ADDRESS) {
      return false;
    }
    for (int i = 0; i < ownHost; i++) {
      address[i] = (byte) askedAt.charAt(i);
    }
    buf.getBytes(from, address, ownHost, end - from);
    length = ownHost + end - from;
    return true;
  }

  /** {@code :port}; an IPv6 address may begin with a colon, too, and has more of them. */
  private static boolean isWithoutHost(ByteBuf buf, int from, int end) {
    return end > from && buf.getByte(from) == ':' && buf.indexOf(from + 1, end, (byte) ':') < 0;
  }

  private boolean readSlot(ByteBuf buf, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      int digit = buf.getByte(i) - '0';
      if (digit < 0 || digit > 9 || number > MAX_SLOT) {
        return false;
      }
      number = 10 * number + digit;
    }
    slot = number;
    return to > from && number <= MAX_SLOT;
  }

  /** Of the request's keys. */
  public int slot() {
    return slot;
  }

  /** {@code host:port}; an IPv6 address as the server writes it, without brackets. */
  public String address() {
    return new String(address, 0, length, StandardCharsets.ISO_8859_1);
  }

  /**
   * Whether it leads to an address.
   *
   * @param text {@code host:port}, an IPv6 address with or without brackets
   */
  public boolean isAt(String text) {
    int at = length - 1;
    for (int i = text.length() - 1; i >= 0; i--) { // addresses of one network end differently
      char c = text.charAt(i);
      if (c == '[' || c == ']') {
        continue;
      }
      if (at < 0 || address[at] != c) {
        return false;
      }
      at--;
    }
    return at < 0;
  }
}
