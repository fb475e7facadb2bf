package io.cashew.proxy.memcached;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a client of memcached's text protocol may ask. */
@SuppressWarnings("ImmutableEnumChecker") // its bytes never change
public enum Verb {
  GET(Form.KEYS, ReplyShape.VALUES, 2, Integer.MAX_VALUE),
  GETS(Form.KEYS, ReplyShape.VALUES, 2, Integer.MAX_VALUE),
  SET(Form.STORAGE, ReplyShape.STORED, 5, 6),
  ADD(Form.STORAGE, ReplyShape.STORED, 5, 6),
  REPLACE(Form.STORAGE, ReplyShape.STORED, 5, 6),
  APPEND(Form.STORAGE, ReplyShape.STORED, 5, 6),
  PREPEND(Form.STORAGE, ReplyShape.STORED, 5, 6),
  CAS(Form.STORAGE, ReplyShape.STORED, 6, 7),
  DELETE(Form.DELETE, ReplyShape.DELETED, 2, 4),
  INCR(Form.NUMBER, ReplyShape.NUMBER, 3, 4),
  DECR(Form.NUMBER, ReplyShape.NUMBER, 3, 4),
  TOUCH(Form.TOUCH, ReplyShape.TOUCHED, 3, 4),
  MG(Form.META, ReplyShape.META_GET, 2, Integer.MAX_VALUE),
  MS(Form.META_SET, ReplyShape.META_SET, 2, Integer.MAX_VALUE),
  MD(Form.META, ReplyShape.META_DELETE, 2, Integer.MAX_VALUE),
  MA(Form.META, ReplyShape.META_ARITHMETIC, 2, Integer.MAX_VALUE),
  ME(Form.DEBUG, ReplyShape.META_DEBUG, 1, Integer.MAX_VALUE),
  MN(Form.WORDS, ReplyShape.META_NOOP, 1, Integer.MAX_VALUE),
  GAT(Form.KEYS_BEHIND_TIME, ReplyShape.VALUES, 2, Integer.MAX_VALUE),
  GATS(Form.KEYS_BEHIND_TIME, ReplyShape.VALUES, 2, Integer.MAX_VALUE),
  VERSION(Form.WORDS, ReplyShape.VERSION, 1, Integer.MAX_VALUE),
  FLUSH_ALL(Form.FLUSH, ReplyShape.OK, 1, 3),
  VERBOSITY(Form.VERBOSITY, ReplyShape.OK, 2, 3),
  STATS(Form.WORDS, ReplyShape.STATS, 1, Integer.MAX_VALUE),
  QUIT(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),

  // What a server's administrator says to one server, and nobody to all through a proxy.
  SHUTDOWN(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),
  SLABS(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),
  LRU(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),
  LRU_CRAWLER(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),
  WATCH(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),
  CACHE_MEMLIMIT(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE),
  REFRESH_CERTS(Form.WORDS, ReplyShape.OK, 1, Integer.MAX_VALUE);

  /** Which words follow the verb, and what is checked of them. */
  enum Form {
    KEYS,
    KEYS_BEHIND_TIME,
    STORAGE,
    DELETE,
    NUMBER,
    TOUCH,
    META,
    META_SET,
    DEBUG,
    FLUSH,
    VERBOSITY,
    WORDS
  }

  private static final Verb[] ALL = values();

  private final byte[] bytes = name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  private final Form form;
  private final ReplyShape reply;
  private final int wordsMin;
  private final int wordsMax;

  Verb(Form form, ReplyShape reply, int wordsMin, int wordsMax) {
    this.form = form;
    this.reply = reply;
    this.wordsMin = wordsMin;
    this.wordsMax = wordsMax;
  }

  /** The verb of these bytes; null if there is none. */
  static @Nullable Verb of(ByteBuf buf, int offset, int length) {
    for (Verb verb : ALL) {
      if (ReplyShape.is(verb.bytes, buf, offset, length)) {
        return verb;
      }
    }
    return null;
  }

  /** As clients write it. */
  public String text() {
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  Form form() {
    return form;
  }

  /** What is answered. */
  public ReplyShape reply() {
    return reply;
  }

  /** Whether a request of so many words, the verb included, is one. */
  boolean takes(int words) {
    return words >= wordsMin && words <= wordsMax;
  }

  /** Whether data follows the line. */
  public boolean hasData() {
    return form == Form.STORAGE || form == Form.META_SET;
  }

  /** Whether it is a meta command, which may be quiet. */
  public boolean isMeta() {
    return form == Form.META || form == Form.META_SET;
  }

  /** Whether it asks for items. */
  public boolean isGet() {
    return form == Form.KEYS || form == Form.KEYS_BEHIND_TIME;
  }

  /** The word that is the first key; 0: it has none. */
  public int firstKey() {
    return switch (form) {
      case KEYS, STORAGE, DELETE, NUMBER, TOUCH, META, META_SET, DEBUG -> 1;
      case KEYS_BEHIND_TIME -> 2;
      case FLUSH, VERBOSITY, WORDS -> 0;
    };
  }
}
