package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Arguments.argument;

import io.cashew.proxy.acl.Users;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.resp.RequestFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which clients {@code CLIENT KILL} means, with Redis's options and errors. Immutable once it is
 * read; asked on the worker of each client.
 */
final class ClientFilter {

  /**
   * A condition from the word behind an option's name; an error, in Redis's words, if it is bad.
   */
  private interface Option {
    Predicate<Client> read(String word, Users users) throws BadOption;
  }

  private static final class BadOption extends Exception {
    private static final long serialVersionUID = 1;

    BadOption(String error) {
      super(error, null, false, false);
    }
  }

  private static final Map<String, Option> OPTIONS =
      Map.of(
          "ID", ClientFilter::id,
          "TYPE", ClientFilter::type,
          "ADDR", (word, users) -> client -> client.session().peer().equals(word),
          "LADDR", (word, users) -> client -> client.session().local().equals(word),
          "USER", ClientFilter::user,
          "MAXAGE", ClientFilter::maxAge);

  /** Options of which a word stands for one client at most. */
  private static final Set<String> ONE_CLIENT = Set.of("ID", "ADDR");

  private final List<Predicate<Client>> conditions = new ArrayList<>();

  /** Those of {@link #conditions} that are about one client at most. */
  private final List<Predicate<Client>> ofOneClient = new ArrayList<>();

  private boolean skipsAsker = true;
  private @Nullable String error;

  private ClientFilter() {}

  /** The one client of an address, the asker included: the old form. */
  static ClientFilter ofAddress(String address) {
    ClientFilter filter = new ClientFilter();
    filter.conditions.add(client -> client.session().peer().equals(address));
    filter.ofOneClient.addAll(filter.conditions);
    filter.skipsAsker = false;
    return filter;
  }

  /** Reads the options from argument 2 on. */
  static ClientFilter read(RequestFrame frame, Users users) {
    ClientFilter filter = new ClientFilter();
    try {
      for (int i = 2; i < frame.argc(); i += 2) {
        if (i + 1 == frame.argc()) {
          throw new BadOption(SYNTAX_ERROR);
        }
        filter.add(argument(frame, i).toUpperCase(Locale.ROOT), argument(frame, i + 1), users);
      }
    } catch (BadOption e) {
      filter.error = e.getMessage();
    }
    return filter;
  }

  private void add(String name, String word, Users users) throws BadOption {
    Option option = OPTIONS.get(name);
    if (option != null) {
      Predicate<Client> condition = option.read(word, users);
      conditions.add(condition);
      if (ONE_CLIENT.contains(name)) {
        ofOneClient.add(condition);
      }
    } else if (name.equals("SKIPME")) {
      skipsAsker = skipMe(word);
    } else {
      throw new BadOption(SYNTAX_ERROR);
    }
  }

  /** What is wrong with the options; null if nothing is. */
  @Nullable String error() {
    return error;
  }

  /** Whether a client is meant. */
  boolean matches(Client client, long askerId) {
    return !(skipsAsker && client.session().id() == askerId)
        && conditions.stream().allMatch(condition -> condition.test(client));
  }

  /** Whether no other client can be meant. */
  boolean meansOnly(Client client) {
    return ofOneClient.stream().anyMatch(condition -> condition.test(client));
  }

  private static Predicate<Client> id(String word, Users users) throws BadOption {
    Long id = Arguments.number(word);
    if (id == null || id < 1) {
      throw new BadOption("ERR client-id should be greater than 0");
    }
    return client -> client.session().id() == id;
  }

  private static Predicate<Client> type(String word, Users users) throws BadOption {
    ClientType type = ClientType.named(word);
    if (type == null) {
      throw new BadOption("ERR Unknown client type '" + word + "'");
    }
    return client -> ClientType.of(client.session()) == type;
  }

  private static Predicate<Client> user(String word, Users users) throws BadOption {
    if (users.find(word) == null) {
      throw new BadOption("ERR No such user '" + word + "'");
    }
    return client -> client.session().user().equals(word);
  }

  private static Predicate<Client> maxAge(String word, Users users) throws BadOption {
    Long seconds = Arguments.number(word);
    if (seconds == null) {
      throw new BadOption("ERR maxage is not an integer or out of range");
    }
    if (seconds <= 0) {
      throw new BadOption("ERR maxage should be greater than 0");
    }
    return client -> client.session().ageSeconds() >= seconds;
  }

  private static boolean skipMe(String word) throws BadOption {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "yes" -> true;
      case "no" -> false;
      default -> throw new BadOption(SYNTAX_ERROR);
    };
  }
}
