package io.cashew.proxy.acl;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Builds request frames for tests; never at the start of their buffer. */
final class Requests {
  private Requests() {}

  static RequestFrame frame(String... arguments) {
    ByteBuf buf = Unpooled.buffer().writeBytes(new byte[] {'x', '\r', '\n'});
    RequestFrame frame = new RequestFrame();
    frame.begin(buf, buf.writerIndex());
    for (String argument : arguments) {
      byte[] bytes = argument.getBytes(StandardCharsets.ISO_8859_1);
      frame.add(buf.writerIndex(), bytes.length);
      buf.writeBytes(bytes).writeByte('\r').writeByte('\n');
    }
    frame.finish(buf.writerIndex());
    return frame;
  }

  /** Words between single spaces; {@code ""} is an empty one. */
  static String[] words(String request) {
    String[] words = request.split(" ", -1);
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].equals("\"\"") ? "" : words[i];
    }
    return words;
  }
}
