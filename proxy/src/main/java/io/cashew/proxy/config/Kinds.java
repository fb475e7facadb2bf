package io.cashew.proxy.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds of value that keys of a HOCON file take. */
final class Kinds {
  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern BARE_NUMBER = Pattern.compile("[+-]?[0-9.]+");

  /** What Java's decoders put in the place of what they cannot read. */
  private static final char UNDECODABLE = '\uFFFD';

  /** Stands in for an address that could not be read. */
  static final Address NO_ADDRESS = new Address.Tcp("", 0);

  private Kinds() {}

  static Kind<Integer> integer(int least, int most) {
    String form = "a whole number from " + least + " to " + most;
    return new Kind<>(form, value -> integer(scalar(value, form), least, most, form));
  }

  /** {@code auto} is as many as there are processors. */
  static Kind<Integer> workers(int most) {
    String form = "auto, or a whole number from 1 to " + most;
    return new Kind<>(
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
    return new Kind<>(
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
    return new Kind<>(
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
        });
  }

  /** Seconds of silence before the kernel asks; 0: never. */
  static Kind<Integer> keepalive() {
    Kind<Long> duration =
        duration(Duration.ofSeconds(1), Duration.ofSeconds(Keepalives.MOST_SECONDS));
    String form = "true, false, or " + duration.form().replace("duration", "duration in seconds");
    return new Kind<>(
        form,
        value -> {
          String text = scalar(value, form);
          return switch (text) {
            case "true", "yes", "on" -> Keepalives.DEFAULT_SECONDS;
            case "false", "no", "off" -> 0;
            default -> {
              long millis = duration.reading().read(value);
              if (millis % 1000 != 0) {
                throw mustBe(form, text);
              }
              yield (int) (millis / 1000);
            }
          };
        });
  }

  /** A duration in milliseconds, or {@link InsightSettings#OFF}. */
  static Kind<Long> durationOrOff(Duration least, Duration most) {
    Kind<Long> duration = duration(least, most);
    return new Kind<>(
        duration.form() + ", or off",
        value ->
            "off".equals(value.unwrapped()) ? InsightSettings.OFF : duration.reading().read(value));
  }

  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT).replace("0.001s", "1ms");
  }

  /** A size in bytes; a bare number is bytes. */
  static Kind<Long> size(long least, long most) {
    String form = "a size from " + sizeText(least) + " to " + sizeText(most);
    return new Kind<>(
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
        });
  }

  /** {@code auto} is what the JVM and the machine have room for. */
  static Kind<Long> memoryLimit() {
    Kind<Long> size = size(MemoryBudget.LEAST_LIMIT, 1L << 50);
    return new Kind<>(
        "auto, or " + size.form(),
        value ->
            "auto".equals(value.unwrapped())
                ? MemoryBudget.ofProcess().standardLimit()
                : size.reading().read(value));
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
    return new Kind<>(
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
    return new Kind<>(
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
        });
  }

  /** {@code io-uring} for {@code IO_URING}. */
  static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Kind<HashFunction> hash() {
    String form = "a hash: " + String.join(" ", HashFunctions.names());
    return new Kind<>(
        form,
        value -> {
          String text = scalar(value, form);
          if (!HashFunctions.names().contains(text)) {
            throw new BadValue(UnknownName.text("hash", text, HashFunctions.names()));
          }
          return HashFunctions.byName(text);
        });
  }

  static Kind<DistributionFactory> distribution() {
    String form = String.join(", ", Distributions.names());
    return new Kind<>(
        form,
        value -> {
          String text = scalar(value, form);
          if (!Distributions.names().contains(text)) {
            throw new BadValue(UnknownName.text("distribution", text, Distributions.names()));
          }
          return Distributions.byName(text);
        });
  }

  static Kind<Optional<HashTag>> hashTag() {
    String form = "two characters in quotes, or none";
    return new Kind<>(
        form,
        value -> {
          String text = scalar(value, form);
          if (text.equals("none")) {
            return Optional.empty();
          }
          try {
            return Optional.of(HashTag.of(text));
          } catch (IllegalArgumentException notTwoBytes) {
            throw mustBe(form, text);
          }
        });
  }

  static Kind<Address> listener() {
    String form = "\"host:port\" or \"unix:/path [mode]\"";
    return Kind.text(form, value -> AddressText.listener(scalar(value, form)));
  }

  static Kind<Address> node() {
    String form = "\"host:port\" or \"unix:/path\"";
    return Kind.text(form, value -> AddressText.node(scalar(value, form)));
  }

  static Kind<Optional<Address>> tcpListenerOrOff() {
    String form = "\"host:port\", or off";
    return Kind.text(
        form,
        value -> {
          String text = scalar(value, form);
          if (text.equals("off")) {
            return Optional.empty();
          }
          Address address = AddressText.listener(text);
          if (address instanceof Address.Unix) {
            throw new BadValue("cannot be a unix socket: write host:port, or off");
          }
          return Optional.of(address);
        });
  }

  /** A name: no white space and no control character, which logs and labels could not show. */
  static Kind<String> name() {
    String form = "a name without white space";
    return Kind.text(form, value -> AddressText.name(scalar(value, form)));
  }

  static Kind<Secret> secret() {
    String form = "a text, not empty";
    return Kind.text(
        form,
        value -> {
          String text = scalar(value, form);
          if (text.isEmpty()) {
            throw new BadValue("must not be empty: leave the key out to have no password");
          }
          return new Secret(text);
        });
  }

  /** A password of which only the hash is written down; what is wrong is not repeated. */
  static Kind<Secret> sha256() {
    String form = "64 lower-case hexadecimal digits";
    return Kind.text(
        form,
        value -> {
          String text = scalar(value, form);
          if (!text.matches("[0-9a-f]{64}")) {
            throw new BadValue(
                "must be " + form + ": what `printf %s PASSWORD | sha256sum` prints");
          }
          return new Secret(text);
        });
  }

  static Kind<String> text() {
    String form = "a text, not empty";
    return Kind.text(
        form,
        value -> {
          String text = scalar(value, form);
          if (text.isEmpty()) {
            throw new BadValue("must not be empty");
          }
          return text;
        });
  }

  /** Where listeners are handed over. */
  static Kind<TakeOverSocket> takeOverSocket() {
    String form = "the absolute path of a unix socket, auto, or off";
    return new Kind<>(
        form,
        value -> {
          String text = scalar(value, form);
          return switch (text) {
            case "auto" -> TakeOverSocket.AUTO;
            case "off" -> TakeOverSocket.OFF;
            default -> {
              if (!text.startsWith("/")) {
                throw mustBe(form, text);
              }
              yield new TakeOverSocket(TakeOverSocket.Place.FILE, text);
            }
          };
        });
  }

  /** A file; a relative path begins at the directory of the file that has it. */
  static Kind<Path> file() {
    String form = "the path of a file";
    return Kind.text(
        form,
        value -> {
          String text = scalar(value, form);
          if (text.isEmpty()) {
            throw new BadValue("must not be empty");
          }
          try {
            String from = value.origin().filename();
            return from == null ? Path.of(text) : Path.of(from).resolveSibling(text);
          } catch (InvalidPathException wrong) {
            throw mustBe(form, text);
          }
        });
  }

  /** A list, which may be absent. */
  static Kind<ConfigList> plainList(String form) {
    return new Kind<>(
        form,
        value -> {
          if (value instanceof ConfigList list) {
            return list;
          }
          throw new BadValue("must be " + form + ", not " + typeName(value));
        });
  }

  /** Only the word {@code none}: an object with keys of its own is read by their rows. */
  static Kind<Boolean> none() {
    String form = "none, or { username, password }";
    return new Kind<>(
        form,
        value -> {
          String text = scalar(value, form);
          if (!text.equals("none")) {
            throw mustBe(form, text);
          }
          return true;
        });
  }

  static Kind<Optional<ConfigList>> list(String form) {
    return structure(form, ConfigList.class);
  }

  static Kind<Optional<ConfigObject>> object(String form) {
    return structure(form, ConfigObject.class);
  }

  private static <T> Kind<Optional<T>> structure(String form, Class<T> type) {
    Function<ConfigValue, BadValue> refusal =
        value -> new BadValue("must be " + form + ", not " + typeName(value));
    return new Kind<>(
        form,
        value -> {
          if (!type.isInstance(value)) {
            throw refusal.apply(value);
          }
          return Optional.of(type.cast(value));
        });
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
