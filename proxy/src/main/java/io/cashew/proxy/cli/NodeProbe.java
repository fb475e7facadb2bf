package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.ReplyValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Asks a node once whether it is there. Blocks; an interrupt ends it. */
final class NodeProbe {
  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_REPLY = 1 << 20;

  private NodeProbe() {}

  /** As below, without TLS. */
  static Optional<String> ask(Address address, Optional<NodeAuth> auth, int database) {
    return ask(address, auth, database, Optional.empty());
  }

  /** As below, and nothing more is asked. */
  static Optional<String> ask(
      Address address, Optional<NodeAuth> auth, int database, Optional<NodeTls> tls) {
    return ask(address, auth, database, tls, List.of()).problem();
  }

  /**
   * What a node answers.
   *
   * @param problem what it does instead of answering PONG; empty: it does
   * @param replies to the questions after that; none if there is a problem
   */
  record Answer(Optional<String> problem, List<ReplyValue> replies) {
    private static Answer not(String problem) {
      return new Answer(Optional.of(problem), List.of());
    }
  }

  /**
   * Connects, logs in, selects the database and sends PING, then questions.
   *
   * @param questions each a command
   */
  static Answer ask(
      Address address,
      Optional<NodeAuth> auth,
      int database,
      Optional<NodeTls> tls,
      List<List<String>> questions) {
    List<List<String>> commands = new ArrayList<>();
    auth.ifPresent(
        login -> {
          List<String> words = new ArrayList<>(List.of("AUTH"));
          login.username().ifPresent(words::add);
          words.add(login.password().value());
          commands.add(words);
        });
    if (database > 0) {
      commands.add(List.of("SELECT", "" + database));
    }
    commands.add(List.of("PING"));
    try (SocketChannel channel = connect(address);
        ByteChannel bytes = secured(channel, address, tls)) {
      for (List<String> command : commands) {
        bytes.write(ByteBuffer.wrap(request(command)));
        String reply = line(bytes);
        boolean good = command.get(0).equals("PING") ? reply.equals("+PONG") : reply.equals("+OK");
        if (!good) {
          return Answer.not("answers " + command.get(0) + " with " + reply);
        }
      }
      return new Answer(Optional.empty(), replies(bytes, questions));
    } catch (IOException | UnresolvedAddressException failed) {
      return Answer.not(whyNot(failed));
    }
  }

  private static String whyNot(Exception failed) {
    if (failed instanceof ClosedByInterruptException) {
      return "does not answer in time";
    }
    if (failed instanceof ConnectException) {
      return "refuses the connection";
    }
    if (failed instanceof UnresolvedAddressException) {
      return "has a host name that does not resolve";
    }
    return (failed instanceof SSLException
            ? "cannot be spoken to over TLS: "
            : "cannot be reached: ")
        + failed.getMessage();
  }

  /** What a memcached server does instead of answering {@code version}; empty: it answers. */
  static Optional<String> askMemcached(Address address, Optional<NodeTls> tls) {
    try (SocketChannel channel = connect(address);
        ByteChannel bytes = secured(channel, address, tls)) {
      bytes.write(ByteBuffer.wrap("version\r\n".getBytes(UTF_8)));
      String reply = line(bytes);
      return reply.startsWith("VERSION ")
          ? Optional.empty()
          : Optional.of("answers version with " + reply);
    } catch (IOException | UnresolvedAddressException failed) {
      return Optional.of(whyNot(failed));
    }
  }

  /**
   * Connects, logs in and sends commands.
   *
   * @return what the server answers to each
   * @throws IOException if it does not
   */
  static List<ReplyValue> ask(
      Address address, Optional<NodeAuth> auth, Optional<NodeTls> tls, List<List<String>> commands)
      throws IOException {
    try (SocketChannel channel = connect(address);
        ByteChannel bytes = secured(channel, address, tls)) {
      if (auth.isPresent()) {
        List<String> words = new ArrayList<>(List.of("AUTH"));
        auth.get().username().ifPresent(words::add);
        words.add(auth.get().password().value());
        bytes.write(ByteBuffer.wrap(request(words)));
        String reply = line(bytes);
        if (!reply.equals("+OK")) {
          throw new IOException("answers AUTH with " + reply);
        }
      }
      return replies(bytes, commands);
    }
  }

  private static List<ReplyValue> replies(ByteChannel channel, List<List<String>> commands)
      throws IOException {
    List<ReplyValue> replies = new ArrayList<>();
    for (List<String> command : commands) {
      channel.write(ByteBuffer.wrap(request(command)));
      replies.add(reply(channel));
    }
    return replies;
  }

  private static ReplyValue reply(ByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST_REPLY);
    ReplyDecoder decoder = new ReplyDecoder(LONGEST_REPLY, false);
    ByteBuf all = Unpooled.wrappedBuffer(buffer.array());
    int seen = 0;
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new IOException("it closes the connection");
        }
        if (decoder.feed(all, seen, buffer.position()) >= 0) {
          return ReplyValue.read(all);
        }
        seen = buffer.position();
      }
    } catch (ProtocolException | IllegalArgumentException wrong) {
      throw new IOException("its answer is none of Redis", wrong);
    }
    throw new IOException("its answer is too long");
  }

  private static SocketChannel connect(Address address) throws IOException {
    SocketAddress place;
    SocketChannel channel;
    if (address instanceof Address.Unix unix) {
      place = UnixDomainSocketAddress.of(unix.path());
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    } else {
      Address.Tcp tcp = (Address.Tcp) address;
      place = new InetSocketAddress(tcp.host(), tcp.port());
      channel = SocketChannel.open();
    }
    try {
      channel.connect(place);
      return channel;
    } catch (IOException | RuntimeException failed) {
      channel.close();
      throw failed;
    }
  }

  /** What encrypts, on top of a connection; a unix socket is never encrypted. */
  private static ByteChannel secured(SocketChannel channel, Address address, Optional<NodeTls> tls)
      throws IOException {
    return tls.isPresent() && address instanceof Address.Tcp tcp
        ? ProbeTls.over(channel, tcp, tls.get())
        : channel;
  }

  private static byte[] request(List<String> words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(("*" + words.size() + "\r\n").getBytes(UTF_8));
    for (String word : words) {
      byte[] argument = word.getBytes(UTF_8);
      bytes.writeBytes(("$" + argument.length + "\r\n").getBytes(UTF_8));
      bytes.writeBytes(argument);
      bytes.writeBytes("\r\n".getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static String line(ByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST_LINE);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("it closes the connection");
      }
      String text = new String(buffer.array(), 0, buffer.position(), UTF_8);
      if (text.endsWith("\r\n")) {
        return text.stripTrailing();
      }
    }
    throw new IOException("its answer is no line");
  }
}
