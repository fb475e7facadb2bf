package io.cashew.proxy.admin;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A socket that sends the bytes it is told and reads replies one by one. */
final class RawClient implements AutoCloseable {

  private final Socket socket;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
  }

  RawClient send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** The next reply, head and body by its Content-Length. */
  String reply() throws IOException {
    String head = head();
    int length = 0;
    for (String line : head.split("\r\n", -1)) {
      if (line.startsWith("content-length: ")) {
        length = Integer.parseInt(line.substring("content-length: ".length()));
      }
    }
    return head + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }

  /** The next head, to its empty line. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed after " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** How many bytes come before the server ends the connection, by FIN or by RST. */
  long bytesUntilClosed() throws IOException {
    InputStream in = socket.getInputStream();
    byte[] chunk = new byte[65_536];
    long count = 0;
    try {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        count += read;
      }
    } catch (SocketTimeoutException stillOpen) {
      throw stillOpen;
    } catch (SocketException reset) {
      return count;
    }
    return count;
  }

  /** Sends this byte again and again until the server ends the connection. */
  void dribbleUntilClosed(char one) throws IOException {
    socket.setSoTimeout(5);
    boolean open = true;
    while (open) {
      try {
        send(String.valueOf(one));
        open = socket.getInputStream().read() >= 0;
      } catch (SocketTimeoutException silent) {
        open = true;
      } catch (SocketException reset) {
        open = false;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
