package io.cashew.proxy.resp;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Protocols of others whose bytes could be taken for inline commands. A web page or a server that
 * can be talked into sending HTTP somewhere must not be able to run commands here ("cross-protocol
 * scripting"), so their connections end before anything of them runs.
 */
enum ForeignProtocol {
  HTTP("HTTP"),
  TLS("TLS"),
  SSH("SSH"),
  PROXY("the PROXY protocol"),
  BINARY("bytes of something else");

  /** The type of a TLS record that opens a connection. */
  private static final byte TLS_HANDSHAKE = 0x16;

  /**
   * Whatever the method, a line of HTTP ends with its version: who invents the method {@code SET}
   * gains nothing. {@code POST} and {@code Host:} alone are what Redis itself looks for.
   */
  private static final Pattern HTTP_LINE =
      Pattern.compile(
          "\\s*post(\\s.*)?|\\s*host:.*|.*\\sHTTP/[0-9](\\.[0-9])?\\s*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern SSH_BANNER = Pattern.compile("SSH-[0-9].*", Pattern.DOTALL);
  private static final Pattern PROXY_HEADER =
      Pattern.compile("PROXY (TCP4|TCP6|UNKNOWN)\\b.*", Pattern.DOTALL);

  private final String text;

  ForeignProtocol(String text) {
    this.text = text;
  }

  /** What a request of one of its clients is answered. */
  ProtocolException refusal() {
    return new ProtocolException(
        "Protocol error: this port speaks the protocol of Redis, not " + text,
        ProtocolException.Fault.FOREIGN);
  }

  /** Whose connection begins with this byte; null if it may be a request. */
  static @Nullable ForeignProtocol ofFirstByte(byte b) {
    if (b == TLS_HANDSHAKE) {
      return TLS;
    }
    return b >= 0 && b < ' ' && !InlineWords.isBlank(b) ? BINARY : null;
  }

  /** Whose line this is, without its end; null if it may be a request. */
  static @Nullable ForeignProtocol ofLine(String line) {
    if (HTTP_LINE.matcher(line).matches()) {
      return HTTP;
    }
    if (SSH_BANNER.matcher(line).matches()) {
      return SSH;
    }
    return PROXY_HEADER.matcher(line).matches() ? PROXY : null;
  }
}
