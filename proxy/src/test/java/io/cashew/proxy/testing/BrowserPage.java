package io.cashew.proxy.testing;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A tab of a {@link Chromium}: goes to an address, runs script, presses keys, and keeps what it has
 * to complain about.
 */
public final class BrowserPage implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;
  private static final Set<String> LOUD = Set.of("error", "warning", "assert");

  /** What the DevTools protocol wants to know of a key: its code, its number, the text it makes. */
  private record Key(String code, int number, String text) {}

  private static final Map<String, Key> KEYS =
      Map.of(
          "Tab", new Key("Tab", 9, ""),
          "Enter", new Key("Enter", 13, "\r"),
          " ", new Key("Space", 32, " "),
          "Escape", new Key("Escape", 27, ""),
          "ArrowLeft", new Key("ArrowLeft", 37, ""),
          "ArrowRight", new Key("ArrowRight", 39, ""));

  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Config>> calls = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();

  /** The document that was asked is being replaced by another. */
  private static final class LeftError extends AssertionError {
    private static final long serialVersionUID = 1;

    LeftError(String message) {
      super(message);
    }
  }

  private BrowserPage() {}

  static BrowserPage attach(HttpClient http, URI address, int width, int height) {
    BrowserPage page = new BrowserPage();
    page.socket.complete(
        http.newWebSocketBuilder().buildAsync(address, page.new Receiver()).join());
    page.call("Page.enable");
    page.call("Runtime.enable");
    page.call("Log.enable");
    page.call("Emulation.setFocusEmulationEnabled", "enabled", true);
    page.size(width, height);
    return page;
  }

  /** Puts the pieces of messages together. */
  private final class Receiver implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        String whole = message.toString();
        message.setLength(0);
        received(whole);
      }
      from.request(1);
      return null;
    }
  }

  private void received(String text) {
    Config message =
        ConfigFactory.parseString(text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
    if (message.hasPath("id")) {
      CompletableFuture<Config> call = calls.remove(message.getInt("id"));
      if (call != null) {
        call.complete(message);
      }
      return;
    }
    String event = message.getString("method");
    boolean isComplaint =
        event.equals("Runtime.exceptionThrown")
            || (event.equals("Log.entryAdded")
                && LOUD.contains(message.getString("params.entry.level")))
            || (event.equals("Runtime.consoleAPICalled")
                && LOUD.contains(message.getString("params.type")));
    if (isComplaint) {
      complaints.add(text);
    }
  }

  /** What the page has written to its console as an error or a warning, and what it threw. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** Forgets them. */
  public void forgetComplaints() {
    complaints.clear();
  }

  /** One command of the DevTools protocol; parameters as name, value, name, value … */
  private Config call(String method, Object... parameters) {
    Map<String, Object> fields = new ConcurrentHashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      fields.put(String.valueOf(parameters[i]), parameters[i + 1]);
    }
    int id = lastId.incrementAndGet();
    CompletableFuture<Config> answer = new CompletableFuture<>();
    calls.put(id, answer);
    String text =
        ConfigValueFactory.fromMap(Map.of("id", id, "method", method, "params", fields))
            .render(ConfigRenderOptions.concise());
    socket.join().sendText(text, true).join();
    Config reply = answer.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    if (reply.hasPath("error")) {
      String message = method + ": " + reply.getString("error.message");
      throw message.contains("navigated") || message.contains("context")
          ? new LeftError(message)
          : new AssertionError(message);
    }
    return reply.getConfig("result");
  }

  /** Goes there; what it finds is waited for with {@link #await}. */
  public void go(String address) {
    Config result = call("Page.navigate", "url", address);
    if (result.hasPath("errorText")) {
      throw new AssertionError(address + ": " + result.getString("errorText"));
    }
  }

  /** Runs this in each document before its own script. */
  public void before(String script) {
    call("Page.addScriptToEvaluateOnNewDocument", "source", script);
  }

  /** The value of an expression, awaited if it is a promise; null if it has none. */
  public @Nullable Object evaluate(String expression) {
    Config result =
        call(
            "Runtime.evaluate",
            "expression",
            expression,
            "returnByValue",
            true,
            "awaitPromise",
            true);
    if (result.hasPath("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result.getConfig("exceptionDetails"));
    }
    return result.hasPath("result.value") ? result.getValue("result.value").unwrapped() : null;
  }

  /** The value of an expression as text. */
  public String text(String expression) {
    return String.valueOf(evaluate(expression));
  }

  /** The text that a reader sees of what a selector finds first; empty if there is nothing. */
  public String seen(String selector) {
    return text("document.querySelector('" + selector + "')?.innerText ?? ''");
  }

  /** Waits until an expression is true. */
  public void await(String expression) {
    Await.until(
        () -> expression + " of: " + text("document.body?.innerText"),
        () -> isSo(() -> Boolean.TRUE.equals(evaluate(expression))));
  }

  /** Waits until what a selector finds first shows this text somewhere. */
  public void awaitSeen(String selector, String text) {
    Await.until(
        () -> selector + " shows '" + text + "', not: " + seen(selector),
        () -> isSo(() -> seen(selector).contains(text)));
  }

  /** While the page goes somewhere else there is nobody to ask. */
  private static boolean isSo(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (LeftError betweenTwoDocuments) {
      return false;
    }
  }

  /** Presses a key and lets it go. */
  public void press(String name) {
    Key key = KEYS.get(name);
    if (key == null) {
      throw new IllegalArgumentException("no key " + name);
    }
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          "type",
          type,
          "key",
          name,
          "code",
          key.code(),
          "windowsVirtualKeyCode",
          key.number(),
          "text",
          type.equals("keyDown") ? key.text() : "");
    }
  }

  /** Types this into what has the focus. */
  public void type(String text) {
    call("Input.insertText", "text", text);
  }

  /** Shows it as somebody sees it who likes it {@code light} or {@code dark}. */
  public void scheme(String name) {
    call(
        "Emulation.setEmulatedMedia",
        "features",
        List.of(Map.of("name", "prefers-color-scheme", "value", name)));
  }

  /** Gives the window so many pixels. */
  public void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        "width",
        width,
        "height",
        height,
        "deviceScaleFactor",
        1,
        "mobile",
        false);
  }

  /** What is to be seen in the window, as PNG. */
  public byte[] picture() {
    return Base64.getDecoder().decode(call("Page.captureScreenshot").getString("data"));
  }

  @Override
  public void close() {
    socket.join().abort();
  }
}
