package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Where a value stands in a file, for what is read inside of it. Used by the thread that reads the
 * file.
 *
 * @param section that has the setting
 * @param key of the setting, below the section
 */
record Place(Section section, String key) {

  /** The object that is the value; its keys are known to the section around it. */
  Section inside(ConfigObject object, Table<?> table) {
    return section.inside(object, key, "", table);
  }

  /** The object that is one element of a list; what has no row is refused. */
  Section element(int index, ConfigObject object, Table<?> table) {
    Section inner = section.inside(object, key(index), "", table);
    inner.refuseUnknownKeys();
    return inner;
  }

  /** The key of one element of a list. */
  String key(int index) {
    return key + "[" + index + "]";
  }

  /** The key of what a user has named. */
  String key(String name) {
    return key + "." + ConfigUtil.joinPath(name);
  }

  /** Reports what is wrong with a value inside of this one. */
  void report(ConfigValue at, String innerKey, String text) {
    section.report(at, innerKey, text);
  }

  /** What is wrong with something in the place of an object. */
  interface NotAnObject {
    String text(ConfigValue value);
  }

  /**
   * The objects that users have named, in the order of their lines: an object of HOCON has no order
   * of its own. What is none, and what is half of a name with a dot, is reported and left out; so
   * is a key without a row.
   */
  List<Section> named(ConfigObject object, Table<?> table, NotAnObject refusal) {
    List<Map.Entry<String, ConfigValue>> entries = new ArrayList<>(object.entrySet());
    entries.sort(
        Comparator.<Map.Entry<String, ConfigValue>>comparingInt(
                entry -> entry.getValue().origin().lineNumber())
            .thenComparing(Map.Entry::getKey));
    List<Section> sections = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> entry : entries) {
      String innerKey = key(entry.getKey());
      if (!(entry.getValue() instanceof ConfigObject inner)) {
        report(entry.getValue(), innerKey, refusal.text(entry.getValue()));
        continue;
      }
      Section named = section.inside(inner, innerKey, entry.getKey(), table);
      if (named.refuseNameWithoutQuotes()) {
        continue;
      }
      sections.add(named);
    }
    return sections;
  }
}
