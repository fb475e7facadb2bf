package io.cashew.proxy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A blocking client that shows RESP2 replies as they are: a {@link String} for simple and bulk
 * strings, a {@link Long}, a {@link List}, null, or an {@link ErrorReply}. Characters are bytes
 * (ISO 8859-1). A reply that does not come within ten seconds is an error.
 */
public final class RawClient implements AutoCloseable {
  /** As long as {@link Await} waits: only what hangs takes it, however busy the machine is. */
  private static final int LONGEST_MILLIS = 30_000;

  /** An error reply, without its leading {@code -}. */
  public record ErrorReply(String text) {}

  private final Socket socket;
  private final InputStream in;

  /** Connects to 127.0.0.1. */
  public RawClient(int port) {
    this(open(port));
  }

  private static Socket open(int port) {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to 127.0.0.1:" + port, e);
    }
  }

  /** Takes over a connection. */
  public RawClient(Socket connected) {
    socket = connected;
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(LONGEST_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends one request and waits for its reply. */
  public @Nullable Object send(String... arguments) {
    write(request(arguments));
    return read();
  }

  /** Sends bytes as they are. */
  public void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of a request. */
  public static byte[] request(String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(latin1("*" + arguments.length + "\r\n"));
    for (String argument : arguments) {
      byte[] value = latin1(argument);
      bytes.writeBytes(latin1("$" + value.length + "\r\n"));
      bytes.writeBytes(value);
      bytes.writeBytes(latin1("\r\n"));
    }
    return bytes.toByteArray();
  }

  /** Shows the proxy small replies, until it lets so many requests of this client be in flight. */
  public void widenWindow(int requests) {
    for (int i = 0; i < requests; i++) {
      write(request("GET", "widens"));
    }
    for (int i = 0; i < requests; i++) {
      read();
    }
  }

  /** Waits for the next reply. */
  public @Nullable Object read() {
    try {
      return readFrom(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads bytes as they are, of any replies. An end before the last of them is an error. */
  public String readBytes(int length) {
    try {
      String text = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
      if (text.length() < length) {
        throw new EOFException("closed after '" + text + "'");
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads bytes as they are, until the other side ends the connection. */
  public String readToEnd() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      in.transferTo(bytes);
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException("no end after " + bytes, e);
    } catch (IOException e) {
      return bytes.toString(StandardCharsets.ISO_8859_1); // a reset is an end, too
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads bytes as they are, up to and with {@code end}. */
  public String readUntil(String end) {
    StringBuilder text = new StringBuilder();
    try {
      while (text.length() < end.length()
          || !text.substring(text.length() - end.length()).equals(end)) {
        int next = in.read();
        if (next < 0) {
          throw new EOFException("closed before '" + end + "', after '" + text + "'");
        }
        text.append((char) next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Reads one RESP2 reply. */
  public static @Nullable Object readFrom(InputStream in) throws IOException {
    String line = line(in);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> new ErrorReply(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(in, Integer.parseInt(rest));
      case '*' -> array(in, Integer.parseInt(rest));
      default -> throw new IOException("not a RESP2 reply: " + line);
    };
  }

  private static @Nullable String bulk(InputStream in, int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = in.readNBytes(length + 2);
    if (bytes.length < length + 2) {
      throw new EOFException("closed within a bulk string");
    }
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  private static @Nullable List<@Nullable Object> array(InputStream in, int length)
      throws IOException {
    if (length < 0) {
      return null;
    }
    List<@Nullable Object> elements = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      elements.add(readFrom(in));
    }
    return elements;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\r'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("closed instead of a reply");
      }
      line.append((char) b);
    }
    if (in.read() != '\n' || line.isEmpty()) {
      throw new IOException("not a line of RESP: " + line);
    }
    return line.toString();
  }

  /** Sends no more; replies can still be read. */
  public void halfClose() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves as a process that is killed does: with a reset, whatever is still unread. */
  public void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    close();
  }

  /** Waits for the end of the connection, whatever comes before it. */
  public void awaitEnd() {
    try {
      while (in.read() >= 0) {
        // Nobody asks for it.
      }
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      return; // a reset is an end, too
    }
  }

  /** Waits for the end of the connection. Whether it came, and nothing before it. */
  public boolean ends() {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      return true; // a reset is an end, too
    }
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
