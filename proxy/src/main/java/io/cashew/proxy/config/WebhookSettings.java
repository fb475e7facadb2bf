package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import io.cashew.hashing.registry.NearestName;
import io.cashew.proxy.event.Events;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Who is told of events.
 *
 * @param url where each is sent to; empty: nowhere
 * @param secret that is sent with it; empty: none
 * @param kinds of events that are sent
 */
public record WebhookSettings(Optional<URI> url, Optional<Secret> secret, List<String> kinds) {
  /** The rows of its settings. */
  public static final Table<WebhookSettings> TABLE = Table.of(WebhookSettings::new);

  public static final Setting<WebhookSettings, Optional<URI>> URL =
      TABLE.optional(
          "admin.webhook.url",
          Texts.httpUrl(),
          "not set",
          AT_ONCE,
          WebhookSettings::url,
          "Where events are sent as they happen: a `POST` with one of them as JSON, as"
              + " `/api/events` has it. What does not answer 2xx within 5 s is asked four times"
              + " more, over 15 s; at most 256 events wait.");

  public static final Setting<WebhookSettings, Optional<Secret>> SECRET =
      TABLE.optional(
          "admin.webhook.secret",
          Texts.secret(),
          "not set",
          AT_ONCE,
          WebhookSettings::secret,
          "Sent with each event: `Authorization: Bearer SECRET`.");

  public static final Setting<WebhookSettings, List<String>> KINDS =
      TABLE.add(
          Setting.of(
              "admin.webhook.kinds",
              Kinds.list(
                  "a list of kinds of events: [ node-down, failover ]",
                  "is empty: leave the key out for those that matter",
                  eventKind()),
              "those that matter",
              Events.thatMatter(),
              AT_ONCE,
              WebhookSettings::kinds,
              "Which kinds of events are sent (docs/operations.md names them). By default all but"
                  + " `started`, `reloaded`, `primary-back`, `replica`, `cluster-changed` and"
                  + " `name-moved`."));

  /** What ships. */
  public static final WebhookSettings DEFAULT = TABLE.standard();

  /** Copies the kinds. */
  public WebhookSettings {
    kinds = List.copyOf(kinds);
  }

  private WebhookSettings(Values<WebhookSettings> from) {
    this(from.get(URL), from.get(SECRET), from.get(KINDS));
  }

  private static Kind<String> eventKind() {
    String form = "a kind of event";
    return Kind.<String>text(
        form,
        Function.identity(),
        value -> {
          String text = Kinds.scalar(value, form);
          if (!Events.kinds().contains(text)) {
            throw new BadValue(
                "'"
                    + text
                    + "' is no kind of event, did you mean '"
                    + NearestName.to(text, Events.kinds())
                    + "'?");
          }
          return text;
        });
  }
}
