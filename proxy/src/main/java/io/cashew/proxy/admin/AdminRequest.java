package io.cashew.proxy.admin;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** One whole HTTP request, as a handler sees it. Holds no buffer: may be kept and passed on. */
public final class AdminRequest {

  private final String path;
  private final Map<String, List<String>> parameters;
  private final HttpHeaders headers;
  private final byte[] body;
  private final String from;

  AdminRequest(
      String path,
      Map<String, List<String>> parameters,
      HttpHeaders headers,
      byte[] body,
      String from) {
    this.from = from;
    this.path = path;
    this.parameters = parameters;
    this.headers = headers;
    this.body = body;
  }

  /** The path, decoded, without the query. */
  public String path() {
    return path;
  }

  /** The values of a parameter of the query, in their order; empty if it is not there. */
  public List<String> parameters(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /** The values of a header joined by commas (RFC 9110, 5.3); empty if it is not there. */
  public String header(String name) {
    return String.join(",", headers.getAll(name));
  }

  /** The first value of a parameter of the query; empty if it is not there. */
  String parameter(String name) {
    List<String> values = parameters(name);
    return values.isEmpty() ? "" : values.get(0);
  }

  /** Who asks: an address. */
  public String from() {
    return from;
  }

  /** The body: the caller's own. */
  public byte[] body() {
    return body.clone();
  }
}
