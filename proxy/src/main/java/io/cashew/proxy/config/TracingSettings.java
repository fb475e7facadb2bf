package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which requests become spans of OpenTelemetry, and who takes them.
 *
 * @param endpoint where spans are sent to; empty: none is made
 * @param sample the share of requests that become spans
 * @param slowerThanMillis requests that take longer become spans; {@link InsightSettings#OFF}: none
 * @param serviceName as whose spans are shown
 * @param headers that are sent with spans, by name
 * @param timeoutMillis of one export
 * @param keys whether spans have keys
 */
public record TracingSettings(
    Optional<URI> endpoint,
    double sample,
    long slowerThanMillis,
    String serviceName,
    Map<String, Secret> headers,
    long timeoutMillis,
    boolean keys) {
  /** The rows of its settings. */
  public static final Table<TracingSettings> TABLE = Table.of(TracingSettings::new);

  /** What HTTP's own rules, or the client, set. */
  private static final List<String> NOT_TO_BE_SET =
      List.of(
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "transfer-encoding",
          "upgrade");

  public static final Setting<TracingSettings, Optional<URI>> ENDPOINT =
      TABLE.optional(
          "tracing.endpoint",
          endpointKind(),
          "not set",
          AT_ONCE,
          TracingSettings::endpoint,
          "Where spans of requests are sent to by OTLP over HTTP, with the path:"
              + " `http://collector:4318/v1/traces`. Without it none is made. At most 2048 wait;"
              + " what is dropped or not taken is counted (`cashew_trace_spans_total`). No request"
              + " waits for it.");

  public static final Setting<TracingSettings, Double> SAMPLE =
      TABLE.row(
          "tracing.sample",
          Kinds.share(),
          "0.001",
          AT_ONCE,
          TracingSettings::sample,
          "The share of requests that become spans, chosen by chance: `0.001` is one of a thousand,"
              + " `0` none, `1` each.");

  public static final Setting<TracingSettings, Long> SLOW =
      TABLE.row(
          "tracing.slow",
          Kinds.durationOrOff(Duration.ZERO, Kinds.LONGEST),
          "10ms",
          AT_ONCE,
          TracingSettings::slowerThanMillis,
          "Each request that takes longer becomes a span, too, from its arrival here to the end of"
              + " its reply; not what waits by intent, as `BLPOP`.");

  public static final Setting<TracingSettings, String> SERVICE_NAME =
      TABLE.row(
          "tracing.service-name",
          Texts.text(),
          "cashew",
          AT_ONCE,
          TracingSettings::serviceName,
          "`service.name`: as whose the spans are shown.");

  public static final Setting<TracingSettings, Map<String, Secret>> HEADERS =
      TABLE.add(
          Setting.of(
              "tracing.headers",
              headersKind(),
              "none",
              Map.of(),
              AT_ONCE,
              TracingSettings::headers,
              "Sent with each export, by name: `{ Authorization = \"Bearer …\" }`."));

  public static final Setting<TracingSettings, Long> TIMEOUT =
      TABLE.row(
          "tracing.timeout",
          Kinds.duration(Duration.ofMillis(10), Duration.ofMinutes(1)),
          "5s",
          AT_ONCE,
          TracingSettings::timeoutMillis,
          "How long one export may take. Within it what the collector refuses for the moment (429,"
              + " 502, 503, 504), or cannot be connected to, is tried up to five times.");

  public static final Setting<TracingSettings, Boolean> KEYS =
      TABLE.row(
          "tracing.keys",
          Kinds.flag(),
          "false",
          AT_ONCE,
          TracingSettings::keys,
          "Whether spans have the first key of a request, shortened. Values they never have.");

  /** What ships. */
  public static final TracingSettings DEFAULT = TABLE.standard();

  /** Copies the headers. */
  public TracingSettings {
    headers = Map.copyOf(headers);
  }

  private TracingSettings(Values<TracingSettings> from) {
    this(
        from.get(ENDPOINT),
        from.get(SAMPLE),
        from.get(SLOW),
        from.get(SERVICE_NAME),
        from.get(HEADERS),
        from.get(TIMEOUT),
        from.get(KEYS));
  }

  private static Kind<URI> endpointKind() {
    Kind<URI> url = Texts.httpUrl();
    return Kind.<URI>text(
        url.form() + " with a path",
        URI::toString,
        value -> {
          URI uri = url.read(value);
          String path = uri.getPath();
          if (path == null || path.isEmpty() || path.equals("/")) {
            throw new BadValue(
                "must have a path, which is /v1/traces unless the collector says otherwise, not '"
                    + uri
                    + "'");
          }
          return uri;
        });
  }

  private static Kind<Map<String, Secret>> headersKind() {
    String form = "an object { NAME = \"value\" }";
    return Kind.<Map<String, Secret>>structure(
            form, (value, place) -> headers(Kinds.objectOf(value, form), place))
        .shownAs(headers -> headers.isEmpty() ? "none" : headers.size() + " of them")
        .writtenAs(TracingSettings::written);
  }

  private static Map<String, Secret> headers(ConfigObject object, Place place) {
    Map<String, Secret> headers = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> each : object.entrySet()) {
      String problem = problem(each.getKey(), each.getValue());
      if (problem.isEmpty()) {
        headers.put(each.getKey(), new Secret(each.getValue().atKey("v").getString("v")));
      } else {
        place.report(each.getValue(), place.key(each.getKey()), problem);
      }
    }
    return headers;
  }

  /** What is wrong with a header, without its value, which may be a secret; empty: nothing. */
  private static String problem(String name, ConfigValue value) {
    if (value.valueType() == ConfigValueType.OBJECT) {
      return "must be a text: a name with a dot needs quotes";
    }
    if (value.valueType() == ConfigValueType.LIST || value.valueType() == ConfigValueType.NULL) {
      return "must be a text";
    }
    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
      return "is no name of a header";
    }
    if (NOT_TO_BE_SET.contains(name.toLowerCase(Locale.ROOT))) {
      return "is a header that the proxy itself sets";
    }
    return value.atKey("v").getString("v").matches("[\\x20-\\x7e]*")
        ? ""
        : "must be of printable ASCII characters";
  }

  private static String written(Map<String, Secret> headers, boolean hidesSecrets) {
    return Kinds.block(
        "{",
        new TreeMap<>(headers)
            .entrySet().stream()
                .map(
                    each ->
                        ConfigUtil.quoteString(each.getKey())
                            + " = "
                            + Texts.secret(each.getValue(), hidesSecrets))
                .toList(),
        "}");
  }
}
