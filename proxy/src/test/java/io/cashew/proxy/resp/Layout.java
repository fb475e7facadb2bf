package io.cashew.proxy.resp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request as it must be on the wire, and where each part of it is, known from writing it and not
 * from reading it. Positions are bytes from the request's start.
 */
final class Layout {
  final List<byte[]> arguments;
  final byte[] bytes;
  final int headerEnd;
  final int[] argumentHeaders;
  final int[] argumentStarts;

  private Layout(List<byte[]> arguments) {
    this.arguments = arguments;
    argumentHeaders = new int[arguments.size()];
    argumentStarts = new int[arguments.size()];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    line(out, "*" + arguments.size());
    headerEnd = out.size();
    for (int i = 0; i < arguments.size(); i++) {
      argumentHeaders[i] = out.size();
      line(out, "$" + arguments.get(i).length);
      argumentStarts[i] = out.size();
      out.writeBytes(arguments.get(i));
      line(out, "");
    }
    bytes = out.toByteArray();
  }

  static Layout of(String... arguments) {
    List<byte[]> all = new ArrayList<>();
    for (String argument : arguments) {
      all.add(argument.getBytes(StandardCharsets.ISO_8859_1));
    }
    return new Layout(all);
  }

  static Layout of(List<byte[]> arguments) {
    return new Layout(arguments);
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  int argumentEnd(int i) {
    return argumentStarts[i] + arguments.get(i).length + 2;
  }

  /** Arguments that are there, line end and all, when {@code there} bytes are. */
  int complete(int there) {
    int count = 0;
    while (count < arguments.size() && argumentEnd(count) <= there) {
      count++;
    }
    return count;
  }

  /** Bytes without which a decoder that has seen {@code there} of them gets no further. */
  int needed(int there) {
    if (there < headerEnd) {
      return there + 1;
    }
    int argument = complete(there);
    if (there < argumentStarts[argument]) {
      return there + 1;
    }
    int lineFeed = argumentEnd(argument) - 1;
    return there < lineFeed ? lineFeed : lineFeed + 1;
  }

  /** Arguments whose end is still to come; 0 if not even their number is known. */
  int left(int there) {
    return there < headerEnd ? 0 : arguments.size() - complete(there);
  }

  /** Where the first header begins that cannot be passed yet. */
  int scanned(int there) {
    return there < headerEnd ? 0 : argumentHeaders[complete(there)];
  }
}
