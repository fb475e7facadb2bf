package io.cashew.proxy.conformance;

import io.cashew.proxy.testing.Await;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Plays one script once, with connections of its own. */
final class Player implements AutoCloseable {
  private final Stage stage;
  private final boolean resp3;
  private final Map<Character, RespClient> connections = new HashMap<>();
  private final Map<Character, Reply> last = new HashMap<>();
  private final Set<Character> blocked = new TreeSet<>();

  /** What a client's reply is owed for. */
  private final Map<Character, List<String>> owed = new HashMap<>();

  private Player(Stage stage, boolean resp3) {
    this.stage = stage;
    this.resp3 = resp3;
  }

  /** The replies to each step, masked, as the bytes that came. */
  static Map<Step, String> play(Collection<Step> steps, Stage stage, boolean resp3) {
    stage.clear();
    Map<Step, String> replies = new java.util.LinkedHashMap<>();
    try (Player player = new Player(stage, resp3)) {
      for (Step step : steps) {
        try {
          replies.put(step, player.play(step));
        } catch (UncheckedIOException e) {
          replies.put(step, "no reply: " + e.getMessage());
          break;
        }
      }
    }
    return replies;
  }

  /** The replies to all requests sent at once, masked. */
  static Map<Step, String> playAtOnce(Collection<Step> steps, Stage stage, boolean resp3) {
    stage.clear();
    Map<Step, String> replies = new java.util.LinkedHashMap<>();
    try (Player player = new Player(stage, resp3)) {
      RespClient client = player.connection('A');
      // Another thread writes, so that a server that waits for its replies to be read reads on.
      Thread writer =
          new Thread(
              () -> steps.forEach(step -> client.write(RespClient.request(step.arguments()))),
              "pipeline");
      writer.start();
      for (Step step : steps) {
        try {
          replies.put(step, Mask.apply(step.arguments(), client.read()).bytes());
        } catch (UncheckedIOException e) {
          replies.put(step, "no reply: " + e.getMessage());
          break;
        }
      }
    }
    return replies;
  }

  private RespClient connection(char name) {
    return connections.computeIfAbsent(
        name,
        n -> {
          RespClient client = new RespClient(stage.port());
          if (resp3) {
            client.send("HELLO", "3");
          }
          return client;
        });
  }

  private String play(Step step) {
    char name = step.connection();
    List<String> arguments = filledIn(step);
    return switch (step.action()) {
      case CALL -> {
        send(name, arguments);
        yield read(name, 1);
      }
      case SEND -> {
        send(name, arguments);
        yield "";
      }
      case BLOCK -> {
        int before = stage.blocked();
        send(name, arguments);
        blocked.add(name);
        Await.until(() -> "a node blocks: " + step, () -> stage.blocked() > before);
        yield "";
      }
      case READ -> {
        blocked.remove(name);
        yield read(name, arguments.isEmpty() ? 1 : Integer.parseInt(arguments.get(0)));
      }
      case BYTES -> {
        owed.put(name, List.of());
        connection(name).write(RespClient.latin1(arguments.get(0)));
        yield read(name, 1);
      }
      case WALK -> walk(name, arguments);
      case LEAVE -> {
        int before = stage.blocked();
        connection(name).close();
        connections.remove(name);
        if (blocked.remove(name)) {
          Await.until(() -> "a node unblocks: " + step, () -> stage.blocked() < before);
        }
        yield "";
      }
    };
  }

  private List<String> filledIn(Step step) {
    List<String> arguments = new ArrayList<>();
    for (String argument : step.arguments()) {
      Reply reply = argument.matches("@[A-Z]") ? last.get(argument.charAt(1)) : null;
      arguments.add(reply == null ? argument : reply.text());
    }
    return arguments;
  }

  private void send(char name, List<String> arguments) {
    owed.put(name, arguments);
    connection(name).write(RespClient.request(arguments));
  }

  private String read(char name, int count) {
    StringBuilder bytes = new StringBuilder();
    for (int i = 0; i < count; i++) {
      Reply reply = connection(name).read();
      last.put(name, reply);
      bytes.append(Mask.apply(owed.getOrDefault(name, List.of()), reply).bytes());
    }
    return bytes.toString();
  }

  private String walk(char name, List<String> arguments) {
    Map<String, Boolean> seen = new TreeMap<>();
    List<String> request = new ArrayList<>(arguments);
    int cursor = arguments.get(0).equalsIgnoreCase("SCAN") ? 1 : 2;
    request.add(cursor, "0");
    do {
      connection(name).write(RespClient.request(request));
      Reply reply = connection(name).read();
      if (reply.elements().size() != 2) {
        return reply.bytes();
      }
      request.set(cursor, reply.elements().get(0).text());
      reply.elements().get(1).elements().forEach(element -> seen.put(element.bytes(), true));
    } while (!request.get(cursor).equals("0"));
    return String.join("", seen.keySet());
  }

  @Override
  public void close() {
    connections.values().forEach(RespClient::close);
  }
}
