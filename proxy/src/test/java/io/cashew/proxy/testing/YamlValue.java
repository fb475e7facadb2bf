package io.cashew.proxy.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A place in a YAML file of the repository, or in a JSON file, which is YAML too. What is asked for
 * and is not there fails the test with the place.
 *
 * @param where the file and the keys to here
 * @param value what the parser made of it
 */
public record YamlValue(String where, Object value) {

  /** The documents of a file; what is no YAML, or has a key twice, is an exception. */
  public static List<YamlValue> documents(String file) throws IOException {
    return documents(file, RepositoryFiles.text(file));
  }

  /** The documents of a text, which messages call {@code label}. */
  public static List<YamlValue> documents(String label, String text) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(label).setAllowDuplicateKeys(false).build();
    List<YamlValue> documents = new ArrayList<>();
    for (Object document : new Load(settings).loadAllFromString(text)) {
      if (document != null) { // one that has only comments
        documents.add(new YamlValue(label, document));
      }
    }
    return documents;
  }

  /** The one document of a file. */
  public static YamlValue document(String file) throws IOException {
    List<YamlValue> documents = documents(file);
    if (documents.size() != 1) {
      throw new AssertionError(file + " has " + documents.size() + " documents, not one");
    }
    return documents.get(0);
  }

  /** Whether a map has this key. */
  public boolean has(String key) {
    return value instanceof Map<?, ?> map && map.containsKey(key);
  }

  /** What is behind these keys, one level each. */
  public YamlValue get(String... keys) {
    YamlValue at = this;
    for (String key : keys) {
      Object next = at.value instanceof Map<?, ?> map ? map.get(key) : null;
      if (next == null) {
        throw new AssertionError(at.where + " has no " + key);
      }
      at = new YamlValue(at.where + " " + key, next);
    }
    return at;
  }

  /** The items of the list behind a key; none if the key is not there. */
  public List<YamlValue> items(String key) {
    return has(key) ? get(key).items() : List.of();
  }

  /** The items of a list. */
  public List<YamlValue> items() {
    if (!(value instanceof List<?> list)) {
      throw new AssertionError(where + " is no list");
    }
    List<YamlValue> items = new ArrayList<>();
    for (Object item : list) {
      items.add(new YamlValue(where + "[" + items.size() + "]", item));
    }
    return items;
  }

  /** The keys of a map, in its order. */
  public List<String> keys() {
    if (!(value instanceof Map<?, ?> map)) {
      throw new AssertionError(where + " is no map");
    }
    return map.keySet().stream().map(String::valueOf).toList();
  }

  /** The text behind these keys. */
  public String text(String... keys) {
    YamlValue at = get(keys);
    if (!(at.value instanceof String text)) {
      throw new AssertionError(at.where + " is no text");
    }
    return text;
  }

  /** The whole number behind these keys. */
  public int number(String... keys) {
    YamlValue at = get(keys);
    if (!(at.value instanceof Integer number)) {
      throw new AssertionError(at.where + " is no whole number");
    }
    return number;
  }
}
