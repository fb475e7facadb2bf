package io.cashew.proxy.cache.expiry;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Writes requests anew with a longer time to live, in milliseconds, so that it can be any: {@code
 * EX} becomes {@code PX}, {@code SETEX} becomes {@code PSETEX}. All else of a request stays as it
 * is, to the byte. Confined to one thread.
 */
public final class LongerLife {
  /** More than the header, digits and end of a number, and of a command's name. */
  private static final int MORE_BYTES = 64;

  private final Jitter jitter;
  private final @Nullable ExpiryForm[] forms;
  private final Expiry expiry = new Expiry();
  private final RequestFrame written = new RequestFrame();

  /** For requests of these commands. */
  public LongerLife(CommandTable commands, Jitter jitter) {
    this.jitter = jitter;
    forms = ExpiryForm.byId(commands);
  }

  private @Nullable ExpiryForm formOf(Command command) {
    int id = command.id();
    return id < forms.length ? forms[id] : null;
  }

  /** Whether a command may set a time to live. */
  public boolean isOf(Command command) {
    return formOf(command) != null;
  }

  /** Whether a request may set one behind its value, which may be large. */
  public boolean isBehindValue(Command command) {
    return formOf(command) == ExpiryForm.SET;
  }

  /** Whether a request sets one in front of its value, which may be large. */
  public boolean isBeforeValue(Command command) {
    ExpiryForm form = formOf(command);
    return form == ExpiryForm.SETEX || form == ExpiryForm.PSETEX;
  }

  /** How many bytes {@link #write} may write. */
  public static int room(RequestFrame frame) {
    return frame.length() + MORE_BYTES;
  }

  /**
   * Writes a request anew, from its beginning to its end.
   *
   * @param frame of which all is there, or all but the end of its last argument
   * @param out gets it; there must be {@link #room}
   * @return its places in {@code out}, until the next is written; null if it sets no time to live:
   *     then nothing is written
   */
  public @Nullable RequestFrame write(
      Command command, RequestFrame frame, int percent, long clockMillis, ByteBuf out) {
    ExpiryForm form = formOf(command);
    if (form == null || !expiry.find(form, frame)) {
      return null;
    }
    written.begin(out, out.writerIndex());
    int from = frame.start();
    if (!form.inMillis.isEmpty()) {
      from = put(frame, from, 0, form.inMillis, out);
    }
    if (expiry.word() > 0) {
      from = put(frame, from, expiry.word(), expiry.wordInMillis(), out);
    }
    long time = expiry.longer(jitter, percent, clockMillis);
    int digits = digits(time);
    from = putHeader(frame, from, expiry.index(), digits, out);
    Replies.writeDecimal(out, time);
    out.writeBytes(frame.buf(), from, frame.end() - from);
    addArguments(frame, form, digits);
    written.finish(out.writerIndex());
    return written;
  }

  /** Writes what is before an argument, and another argument. @return index behind its bytes */
  private static int put(RequestFrame frame, int from, int argument, String text, ByteBuf out) {
    int behind = putHeader(frame, from, argument, text.length(), out);
    ByteBufUtil.writeAscii(out, text);
    return behind;
  }

  private static int putHeader(
      RequestFrame frame, int from, int argument, int length, ByteBuf out) {
    int header = frame.offset(argument) - headerLength(frame.length(argument));
    out.writeBytes(frame.buf(), from, header - from);
    Replies.writeBulkHeader(out, length);
    return frame.offset(argument) + frame.length(argument);
  }

  /** Of {@code $12\r\n}. */
  private static int headerLength(int length) {
    return 3 + digits(length);
  }

  private static int digits(long number) {
    int digits = 1;
    for (long rest = number / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  /** Every argument is behind the one before it, whatever was replaced. */
  private void addArguments(RequestFrame frame, ExpiryForm form, int digits) {
    int moved = written.start() - frame.start();
    for (int i = 0; i < frame.argc(); i++) {
      int length = frame.length(i);
      int now = length;
      if (i == 0 && !form.inMillis.isEmpty()) {
        now = form.inMillis.length();
      } else if (i == expiry.index()) {
        now = digits;
      } else if (i > 0 && i == expiry.word()) {
        now = expiry.wordInMillis().length();
      }
      moved += headerLength(now) - headerLength(length);
      written.add(frame.offset(i) + moved, now);
      moved += now - length;
    }
  }
}
