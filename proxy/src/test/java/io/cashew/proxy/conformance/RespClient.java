package io.cashew.proxy.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A blocking client of either protocol. A reply that takes more than ten seconds is an error. */
final class RespClient implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  RespClient(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(10_000);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to 127.0.0.1:" + port, e);
    }
  }

  /** The bytes of a request; characters are bytes. */
  static byte[] request(List<String> arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(latin1("*" + arguments.size() + "\r\n"));
    for (String argument : arguments) {
      bytes.writeBytes(latin1("$" + argument.length() + "\r\n" + argument + "\r\n"));
    }
    return bytes.toByteArray();
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Sends bytes; that the other end has closed shows when the reply is read. */
  void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (SocketException e) {
      return; // read() tells
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next reply; {@link Reply#END} if there is none. */
  Reply read() {
    try {
      return Reply.read(in);
    } catch (SocketException e) {
      return Reply.END; // a reset is an end, too
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Reply send(String... arguments) {
    write(request(List.of(arguments)));
    return read();
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
