package io.cashew.proxy.config;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.command.LinearGlob;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of value that rules of a cache take. */
final class CacheKinds {
  private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,8})/s");
  private static final Pattern PERCENT = Pattern.compile("([1-9][0-9]?|100)%");
  private static final String OFF = "off";

  private CacheKinds() {}

  /** A pattern of keys. */
  static Kind<String> keyPattern() {
    String form = "a pattern of keys, as of KEYS";
    return Kind.text(
        form,
        text -> text,
        value -> {
          String text = Kinds.scalar(value, form);
          if (text.isEmpty()) {
            throw new BadValue("is empty, which no key matches: write \"*\" for all keys");
          }
          if (!CacheRule.isPattern(text)) {
            throw new BadValue(
                "has more than "
                    + LinearGlob.MAX_PARTS
                    + " parts behind its literal beginning: let it begin with more of what its keys"
                    + " begin with, or shorten it");
          }
          return text;
        });
  }

  /** A duration in milliseconds, or 0. */
  static Kind<Long> durationOrOff(Duration most) {
    Kind<Long> duration = Kinds.duration(Kinds.MILLISECOND, most);
    return Kind.<Long>of(
            duration.form() + ", or off",
            value -> OFF.equals(value.unwrapped()) ? 0L : duration.read(value))
        .shownAs(millis -> millis == 0 ? OFF : Kinds.durationText(millis));
  }

  /** Requests a second, or 0. */
  static Kind<Integer> rateOrOff() {
    return numberOrOff("requests a second: 5000/s; or off", RATE, "/s");
  }

  /** A whole number of hundredths, or 0. */
  static Kind<Integer> percentOrOff() {
    return numberOrOff("a share from 1% to 100%, or off", PERCENT, "%");
  }

  private static Kind<Integer> numberOrOff(String form, Pattern written, String unit) {
    return Kind.<Integer>of(
            form,
            value -> {
              String text = Kinds.scalar(value, form);
              Matcher number = written.matcher(text);
              if (number.matches()) {
                return Integer.parseInt(number.group(1));
              }
              if (text.equals(OFF)) {
                return 0;
              }
              throw Kinds.mustBe(form, text);
            })
        .shownAs(number -> number == 0 ? OFF : number + unit);
  }
}
