package io.cashew.hashing.function;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The part of a key that is hashed, by a regular expression: the first group of its first match
 * anywhere in the key, as {@code ShardedJedis} of Jedis 2 to 6 takes it. A key without a match is
 * hashed whole.
 *
 * <p>The expression is that of {@code java.util.regex} and is matched in linear time by RE2, which
 * gives the same answers: where the two differ {@link JavaPattern} translates it, or refuses it.
 * Matching allocates. Safe for use from many threads.
 */
public final class TagPattern implements KeyTag {
  private final String text;
  private final Pattern pattern;
  private final LongAdder withoutGroup = new LongAdder();

  private TagPattern(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * Reads an expression.
   *
   * @throws IllegalArgumentException if it is none of {@code java.util.regex}, has no group, or
   *     could give other answers than {@code java.util.regex}; the message says what to change
   */
  public static TagPattern of(String text) {
    try {
      if (java.util.regex.Pattern.compile(text).matcher("").groupCount() == 0) {
        throw new IllegalArgumentException(
            "has no group: what its first group matches is hashed, as in \\{(.+?)\\}");
      }
      return new TagPattern(text, Pattern.compile(JavaPattern.toRe2(text)));
    } catch (java.util.regex.PatternSyntaxException wrong) {
      throw new IllegalArgumentException(
          "is no regular expression: "
              + wrong.getDescription()
              + (wrong.getIndex() < 0 ? "" : " near index " + wrong.getIndex()),
          wrong);
    } catch (PatternSyntaxException wrong) {
      throw new IllegalArgumentException(
          "cannot be matched in linear time: " + wrong.getDescription(), wrong);
    }
  }

  /** As it was given. */
  public String text() {
    return text;
  }

  /**
   * How many keys had a match in which the first group took no part. Jedis throws for such a key;
   * here it is hashed whole.
   */
  public long withoutGroup() {
    return withoutGroup.sum();
  }

  @Override
  public long find(byte[] bytes, int offset, int length) {
    byte[] key =
        offset == 0 && length == bytes.length
            ? bytes
            : Arrays.copyOfRange(bytes, offset, offset + length);
    Matcher matcher = pattern.matcher(key);
    if (!matcher.find()) {
      return KeyTag.part(offset, length);
    }
    int start = matcher.start(1);
    if (start < 0) {
      withoutGroup.increment();
      return KeyTag.part(offset, length);
    }
    return KeyTag.part(offset + start, matcher.end(1) - start);
  }

  /** What follows may change the match. */
  @Override
  public boolean isDecidedBy(byte[] bytes, int offset, int length) {
    return false;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TagPattern that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
