package io.cashew.proxy.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds of value that keys of a HOCON file take. */
final class Kinds {
  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern BARE_NUMBER = Pattern.compile("[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?");

  /** What Java's decoders put in the place of what they cannot read. */
  private static final char UNDECODABLE = '\uFFFD';

  /** Stands in for an address that could not be read. */
  static final Address NO_ADDRESS = new Address.Tcp("", 0);

  static final Duration MILLISECOND = Duration.ofMillis(1);
  static final Duration LONGEST = Duration.ofDays(30);
  static final long KIB = 1024;

  /** The longest array, hence the largest buffer. */
  static final long LARGEST_BUFFER = Integer.MAX_VALUE;

  private Kinds() {}

  static Kind<Integer> integer(int least, int most) {
    String form = "a whole number from " + least + " to " + most;
    return Kind.of(form, value -> integer(scalar(value, form), least, most, form));
  }

  /** {@code auto} is as many as there are processors. */
  static Kind<Integer> workers(int most) {
    String form = "auto, or a whole number from 1 to " + most;
    return Kind.of(
        form,
        value -> {
          String text = scalar(value, form);
          return text.equals("auto")
              ? Math.min(most, Runtime.getRuntime().availableProcessors())
              : integer(text, 1, most, form);
        });
  }

  private static int integer(String text, int least, int most, String form) throws BadValue {
    if (!NUMBER.matcher(text).matches()) {
      throw mustBe(form, text);
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException tooLong) {
      // Digits only, so it is out of any range of ints.
    }
    throw mustBe(form, text);
  }

  static Kind<Boolean> flag() {
    String form = "true or false";
    return Kind.of(
        form,
        value -> {
          String text = scalar(value, form);
          return switch (text) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw mustBe(form, text);
          };
        });
  }

  /** A duration in milliseconds; the unit must be written. */
  static Kind<Long> duration(Duration least, Duration most) {
    String form = "a duration from " + text(least) + " to " + text(most);
    return Kind.<Long>of(
            form,
            value -> {
              String text = scalar(value, form);
              if (BARE_NUMBER.matcher(text).matches()) {
                throw new BadValue(
                    "must be "
                        + form
                        + ", with its unit: '"
                        + text
                        + "' could be "
                        + text
                        + "ms or "
                        + text
                        + "s");
              }
              Duration duration;
              try {
                duration = value.atKey("v").getDuration("v");
              } catch (com.typesafe.config.ConfigException wrong) {
                throw mustBe(form, text);
              }
              if (duration.compareTo(least) < 0
                  || duration.compareTo(most) > 0
                  || duration.toNanos() % 1_000_000 != 0) {
                throw mustBe(form + ", in whole milliseconds", text);
              }
              return duration.toMillis();
            })
        .shownAs(Kinds::durationText);
  }

  /** {@code 400ms}, {@code 30s}: the largest unit that divides the milliseconds. */
  static String durationText(long millis) {
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  /** Seconds of silence before the kernel asks; 0: never. */
  static Kind<Integer> keepalive() {
    Kind<Long> duration =
        duration(Duration.ofSeconds(1), Duration.ofSeconds(Keepalives.MOST_SECONDS));
    String form = "true, false, or " + duration.form().replace("duration", "duration in seconds");
    return Kind.<Integer>of(
            form,
            value -> {
              String text = scalar(value, form);
              return switch (text) {
                case "true", "yes", "on" -> Keepalives.DEFAULT_SECONDS;
                case "false", "no", "off" -> 0;
                default -> {
                  long millis = duration.read(value);
                  if (millis % 1000 != 0) {
                    throw mustBe(form, text);
                  }
                  yield (int) (millis / 1000);
                }
              };
            })
        .shownAs(Kinds::keepaliveText);
  }

  private static String keepaliveText(int seconds) {
    return seconds == 0 ? "false" : seconds + "s";
  }

  /** A duration in milliseconds, or {@link InsightSettings#OFF}. */
  static Kind<Long> durationOrOff(Duration least, Duration most) {
    Kind<Long> duration = duration(least, most);
    return Kind.<Long>of(
            duration.form() + ", or off",
            value -> "off".equals(value.unwrapped()) ? InsightSettings.OFF : duration.read(value))
        .shownAs(millis -> millis == InsightSettings.OFF ? "off" : durationText(millis));
  }

  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT).replace("0.001s", "1ms");
  }

  /** A size in bytes; a bare number is bytes. */
  static Kind<Long> size(long least, long most) {
    String form = "a size from " + sizeText(least) + " to " + sizeText(most);
    return Kind.<Long>of(
            form,
            value -> {
              String text = scalar(value, form);
              long bytes;
              try {
                bytes = value.atKey("v").getBytes("v");
              } catch (com.typesafe.config.ConfigException wrong) {
                throw mustBe(form, text);
              }
              if (bytes < least || bytes > most) {
                throw mustBe(form, text);
              }
              return bytes;
            })
        .shownAs(Kinds::sizeText);
  }

  /** {@code auto} is what the JVM and the machine have room for. */
  static Kind<Long> memoryLimit() {
    Kind<Long> size = size(MemoryBudget.LEAST_LIMIT, 1L << 50);
    return Kind.<Long>of(
            "auto, or " + size.form(),
            value ->
                "auto".equals(value.unwrapped())
                    ? MemoryBudget.ofProcess().standardLimit()
                    : size.read(value))
        .shownAs(Kinds::sizeText);
  }

  /** {@code 16MiB}: the largest unit that divides the bytes. */
  static String sizeText(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB"};
    int unit = 0;
    long number = bytes;
    while (unit < units.length - 1 && number >= 1024 && number % 1024 == 0) {
      number /= 1024;
      unit++;
    }
    return number + units[unit];
  }

  static Kind<Double> share() {
    String form = "a number from 0 to 1";
    return Kind.of(
        form,
        value -> {
          String text = scalar(value, form);
          try {
            double number = Double.parseDouble(text);
            if (number >= 0 && number <= 1) {
              return number;
            }
          } catch (NumberFormatException notANumber) {
            // Refused below, as any other value that is no share.
          }
          throw mustBe(form, text);
        });
  }

  /** The constants of an enum, in kebab-case. */
  static <E extends Enum<E>> Kind<E> choice(Class<E> type) {
    EnumSet<E> constants = EnumSet.allOf(type);
    String form = constants.stream().map(Kinds::kebab).collect(Collectors.joining(", "));
    return Kind.<E>of(
            form,
            value -> {
              String text = scalar(value, form);
              for (E constant : constants) {
                if (kebab(constant).equals(text)) {
                  return constant;
                }
              }
              throw new BadValue(
                  UnknownName.text("value", text, constants.stream().map(Kinds::kebab).toList()));
            })
        .shownAs(Kinds::kebab);
  }

  /** {@code io-uring} for {@code IO_URING}. */
  static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A list; what is wrong with one of its elements is told at its line. */
  static <T> Kind<List<T>> list(String form, String whenEmpty, Kind<T> element) {
    return Kind.<List<T>>structure(
            form,
            (value, place) -> {
              List<T> elements = new ArrayList<>();
              for (ConfigValue each : listOf(value, form, whenEmpty)) {
                try {
                  elements.add(element.reading().read(each, place));
                } catch (BadValue wrong) {
                  place.report(each, place.key(), wrong.text());
                }
              }
              return elements;
            })
        .shownAs(
            elements ->
                elements.stream().map(element.shown()).collect(Collectors.joining(", ", "[", "]")))
        .writtenAs(
            (elements, hides) ->
                elements.stream()
                    .map(each -> element.writing().write(each, hides))
                    .collect(Collectors.joining(", ", "[", "]")));
  }

  /** A list of objects, each with the settings of a table. */
  static <T> Kind<List<T>> objects(String form, String whenEmpty, Table<T> table) {
    return Kind.<List<T>>structure(
            form,
            (value, place) -> {
              List<T> elements = new ArrayList<>();
              int index = 0;
              for (ConfigValue each : listOf(value, form, whenEmpty)) {
                if (each instanceof ConfigObject object) {
                  elements.add(table.read(place.element(index, object, table)));
                } else {
                  place.report(
                      each, place.key(index), "must be an object { … }, not " + typeName(each));
                }
                index++;
              }
              return elements;
            })
        .shownAs(elements -> elements.size() + " of them")
        .writtenAs(
            (elements, hides) ->
                lines(elements.stream().map(each -> table.object(each, hides)).toList()))
        .withElements(table);
  }

  /** An object with the settings of a table; without it there is nothing of the kind. */
  static <T> Kind<Optional<T>> section(Table<T> table) {
    String form = "an object { … }";
    return Kind.<Optional<T>>structure(
            form,
            (value, place) -> {
              if (value instanceof ConfigObject object) {
                return Optional.of(table.read(place.inside(object, table)));
              }
              throw new BadValue("must be " + form + ", not " + typeName(value));
            })
        .shownAs(present -> present.isPresent() ? "set" : "not set")
        .writtenAs((present, hides) -> table.object(present.orElseThrow(), hides))
        .withSection(table);
  }

  /** The elements of a value that must be a list. */
  static ConfigList listOf(ConfigValue value, String form, String whenEmpty) throws BadValue {
    if (!(value instanceof ConfigList list)) {
      throw new BadValue("must be " + form + ", not " + typeName(value));
    }
    if (list.isEmpty()) {
      throw new BadValue(whenEmpty);
    }
    return list;
  }

  /** A list with an element a line. */
  static String lines(List<String> elements) {
    return block("[", elements, "]");
  }

  /** What stands between brackets, each on lines of its own. */
  static String block(String open, List<String> inside, String close) {
    return inside.stream()
        .map(each -> each.indent(2))
        .collect(Collectors.joining("", open + "\n", close));
  }

  /**
   * Objects that users have named, each with its name.
   *
   * @param name of one; in quotes, since without them it might be a word of HOCON: include
   */
  static <T> String named(
      List<T> objects, Function<T, String> name, Table<T> table, boolean hidesSecrets) {
    List<String> lines =
        objects.stream()
            .map(
                each ->
                    ConfigUtil.quoteString(name.apply(each))
                        + " "
                        + table.object(each, hidesSecrets))
            .toList();
    return block("{", lines, "}");
  }

  /** A value that must be an object. */
  static ConfigObject objectOf(ConfigValue value, String form) throws BadValue {
    if (value instanceof ConfigObject object) {
      return object;
    }
    throw new BadValue("must be " + form + ", not " + typeName(value));
  }

  /** The text of a value that is no object and no list, as the file has it. */
  static String scalar(ConfigValue value, String form) throws BadValue {
    String text =
        switch (value.valueType()) {
          case NUMBER, BOOLEAN, STRING -> asWritten(value);
          case OBJECT, LIST, NULL ->
              throw new BadValue("must be " + form + ", not " + typeName(value));
        };
    if (!isUnicode(text)) {
      throw new BadValue("has half of a surrogate pair, which is no character");
    }
    if (text.indexOf(UNDECODABLE) >= 0 && value.origin().description().contains("env var")) {
      throw new BadValue(
          "has bytes that are not of this locale's encoding ("
              + Charset.defaultCharset()
              + "): set LC_ALL=C.UTF-8, and the variable to UTF-8");
    }
    return text;
  }

  /**
   * A number with the digits that the file has: {@code 0123} and {@code 1e3} stay what they are.
   * {@link ConfigValue#unwrapped} and {@link ConfigValue#render} give the value of the number.
   */
  private static String asWritten(ConfigValue value) {
    return value.atKey("v").getString("v");
  }

  /** Whether a text can be sent: it is UTF-8 where it goes. */
  static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  static String typeName(ConfigValue value) {
    ConfigValueType type = value.valueType();
    return switch (type) {
      case OBJECT -> "an object (a value with braces needs quotes)";
      case LIST -> "a list";
      case NUMBER, BOOLEAN, STRING -> "'" + asWritten(value) + "'";
      case NULL -> "null";
    };
  }

  static BadValue mustBe(String form, String text) {
    return new BadValue("must be " + form + ", not '" + text + "'");
  }
}
