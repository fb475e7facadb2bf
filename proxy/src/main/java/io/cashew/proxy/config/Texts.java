package io.cashew.proxy.config;

import static io.cashew.proxy.config.Kinds.mustBe;
import static io.cashew.proxy.config.Kinds.scalar;

import com.typesafe.config.ConfigUtil;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The kinds of text that settings are: names, addresses, files, secrets. */
final class Texts {
  /** What stands for a secret. */
  static final String HIDDEN = "***";

  private Texts() {}

  static Kind<Address> listener() {
    String form = "\"host:port\" or \"unix:/path [mode]\"";
    return Kind.<Address>text(
        form, AddressText::listenerText, value -> AddressText.listener(scalar(value, form)));
  }

  static Kind<Address> node() {
    String form = "\"host:port\" or \"unix:/path\"";
    return Kind.<Address>text(form, Address::text, value -> AddressText.node(scalar(value, form)));
  }

  static Kind<Optional<Address>> tcpListenerOrOff() {
    String form = "\"host:port\", or off";
    return Kind.<Optional<Address>>text(
            form,
            listen -> listen.map(Address::text).orElse("off"),
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
            })
        .writtenAs(
            (listen, hides) ->
                listen.map(address -> ConfigUtil.quoteString(address.text())).orElse("off"));
  }

  /** A name: no white space and no control character, which logs and labels could not show. */
  static Kind<String> name() {
    String form = "a name without white space";
    return Kind.<String>text(
        form, Function.identity(), value -> AddressText.name(scalar(value, form)));
  }

  static Kind<Secret> secret() {
    String form = "a text, not empty";
    return Kind.<Secret>text(
            form,
            secret -> "set",
            value -> {
              String text = scalar(value, form);
              if (text.isEmpty()) {
                throw new BadValue("must not be empty: leave the key out to have no password");
              }
              return new Secret(text);
            })
        .writtenAs(Texts::secret);
  }

  /** A secret that may be empty, which stands for none. */
  static Kind<Secret> secretOrNone() {
    String form = "a text; empty: none";
    return Kind.<Secret>text(form, secret -> "set", value -> new Secret(scalar(value, form)))
        .writtenAs(Texts::secret);
  }

  /** A text that may be empty, which stands for none. */
  static Kind<String> textOrNone() {
    String form = "a text; empty: none";
    return Kind.<String>text(form, Function.identity(), value -> scalar(value, form));
  }

  /** A password of which only the hash is written down; what is wrong is not repeated. */
  static Kind<Secret> sha256() {
    String form = "64 lower-case hexadecimal digits";
    return Kind.<Secret>text(
            form,
            secret -> "set",
            value -> {
              String text = scalar(value, form);
              if (!text.matches("[0-9a-f]{64}")) {
                throw new BadValue(
                    "must be " + form + ": what `printf %s PASSWORD | sha256sum` prints");
              }
              return new Secret(text);
            })
        .writtenAs(Texts::secret);
  }

  static Kind<String> text() {
    String form = "a text, not empty";
    return Kind.<String>text(
        form,
        Function.identity(),
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
    return Kind.<TakeOverSocket>of(
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
            })
        .shownAs(TakeOverSocket::text)
        .writtenAs((socket, hides) -> ConfigUtil.quoteString(socket.text()));
  }

  /** A file; a relative path begins at the directory of the file that has it. */
  static Kind<Path> file() {
    String form = "the path of a file";
    return Kind.<Path>text(
        form,
        Path::toString,
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

  static String secret(Secret secret, boolean hides) {
    return ConfigUtil.quoteString(hides ? HIDDEN : secret.value());
  }

  /** Where something is sent to by HTTP. */
  static Kind<URI> httpUrl() {
    String form = "an http or https address";
    return Kind.<URI>text(
        form,
        URI::toString,
        value -> {
          String text = scalar(value, form);
          try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
              return uri;
            }
          } catch (IllegalArgumentException malformed) {
            throw mustBe(form, text);
          }
          throw mustBe(form, text);
        });
  }
}
