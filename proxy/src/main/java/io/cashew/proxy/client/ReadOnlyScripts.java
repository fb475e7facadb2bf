package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.gather.NodeReplies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The scripts and functions of a pool that declare that they write nothing, by the flag {@code
 * no-writes}: those {@code CLIENT PAUSE WRITE} lets pass. Thread-safe.
 *
 * <p>What an {@code EVAL} declares stands in it. What a digest stands for is known of scripts that
 * were loaded through this proxy; functions are asked for when a pause begins. What is not known is
 * taken to write.
 */
public final class ReadOnlyScripts {
  /** Asks a node for what {@link #learnFunctions} wants to know. */
  public static final byte[] FUNCTION_LIST =
      Replies.bytes("*2\r\n$8\r\nFUNCTION\r\n$4\r\nLIST\r\n");

  /** Digests that are kept; each is a script that somebody has loaded. */
  private static final int MOST = 10_000;

  /** A first line that is longer declares nothing. */
  private static final int LONGEST_LINE = 1024;

  private static final String FLAG = "no-writes";
  private static final Pattern FLAGGED = Pattern.compile(" flags=([^ ]*,)?" + FLAG + "(,| |$)");

  private final Set<String> digests = ConcurrentHashMap.newKeySet();
  private volatile Set<String> functions = Set.of();

  /** Whether a request runs a script that is known to write nothing. */
  boolean runs(Command command, RequestFrame frame) {
    return frame.argc() > 1
        && switch (command.name()) {
          case "eval" -> declaresNoWrites(frame, 1);
          case "evalsha" -> digests.contains(Arguments.argument(frame, 1).toLowerCase(Locale.ROOT));
          case "fcall" -> functions.contains(Arguments.characters(frame, 1));
          default -> false;
        };
  }

  /** Sees a {@code SCRIPT LOAD}. */
  public void loads(RequestFrame frame) {
    if (frame.argc() == 3 && digests.size() < MOST && declaresNoWrites(frame, 2)) {
      digests.add(ByteBufUtil.hexDump(sha1(Arguments.bytes(frame, 2))));
    }
  }

  /** The first line is {@code #!ENGINE NAME=VALUE …}, the value of {@code flags} a list. */
  private static boolean declaresNoWrites(RequestFrame frame, int argument) {
    ByteBuf buf = frame.buf();
    int from = frame.offset(argument);
    int length = frame.length(argument);
    if (length < 2 || buf.getByte(from) != '#' || buf.getByte(from + 1) != '!') {
      return false;
    }
    int end = buf.indexOf(from, from + Math.min(length, LONGEST_LINE), (byte) '\n');
    if (end < 0) {
      return false;
    }
    String line = buf.toString(from, end - from, StandardCharsets.ISO_8859_1).trim();
    return FLAGGED.matcher(line).find();
  }

  /** Reads what the nodes say to {@link #FUNCTION_LIST}; older ones know no functions. */
  public void learnFunctions(NodeReplies replies) {
    Set<String> found = new HashSet<>();
    for (ReplyValue libraries : replies.values()) {
      for (ReplyValue library : libraries.elements()) {
        for (ReplyValue function : field(library, "functions").elements()) {
          boolean flagged =
              field(function, "flags").elements().stream()
                  .anyMatch(flag -> flag.text().equals(FLAG));
          if (flagged) {
            found.add(field(function, "name").text());
          }
        }
      }
    }
    functions = Set.copyOf(found);
  }

  /** The value under a name in a map, which RESP2 writes as an array. */
  private static ReplyValue field(ReplyValue map, String name) {
    List<ReplyValue> elements = map.elements();
    for (int i = 0; i + 1 < elements.size(); i += 2) {
      if (elements.get(i).text().equals(name)) {
        return elements.get(i + 1);
      }
    }
    throw new IllegalArgumentException("no field '" + name + "' in the reply to FUNCTION LIST");
  }

  private static byte[] sha1(byte[] script) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(script);
    } catch (NoSuchAlgorithmException e) { // every JVM has it
      throw new IllegalStateException(e);
    }
  }
}
