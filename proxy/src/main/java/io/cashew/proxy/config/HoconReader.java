package io.cashew.proxy.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Reads HOCON into {@link Settings}. What a key takes, and what keys mean together, is in the
 * tables of the records; here is where the text comes from.
 */
public final class HoconReader {
  private static final Pattern LIBRARY_ADVICE =
      Pattern.compile(", or you may be able to rename the file \\.properties.*\\)$");

  /** Of the whole file. */
  private static final Table<Optional<Settings>> FILE = Table.of(from -> Optional.empty());

  private static final Setting<Optional<Settings>, Optional<Settings>> CASHEW =
      FILE.required(
          "cashew", cashew(), Optional.empty(), ReloadEffect.WITH_THE_WHOLE, whole -> whole, "");

  private static Kind<Optional<Settings>> cashew() {
    String form = "an object: cashew { pools.NAME { … } }";
    return Kind.structure(
        form,
        (value, place) -> {
          Section root = place.inside(Kinds.objectOf(value, form), Settings.TABLE);
          root.refuseUnknownKeys();
          return Optional.of(Settings.TABLE.read(root));
        });
  }

  private final Problems problems;

  /** Files that were read, absolute. */
  private final Set<Path> files = new TreeSet<>();

  private HoconReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Reads a file; {@code ${NAME}} and {@code ${?NAME}} are taken from the environment.
   *
   * @throws ConfigException with everything that is wrong with the file
   */
  public static Settings read(Path file) throws ConfigException {
    return load(file).settings();
  }

  /** As above, with the files that it includes. */
  static LoadedConfig load(Path file) throws ConfigException {
    HoconReader reader = new HoconReader(new Problems(file.toString()));
    Settings settings =
        reader.read(() -> Includes.parse(file.toAbsolutePath(), reader.files, reader.problems));
    List<Path> files = new ArrayList<>();
    files.add(file);
    reader.files.stream().filter(each -> !each.equals(file.toAbsolutePath())).forEach(files::add);
    return new LoadedConfig(settings, files);
  }

  /**
   * Reads a text.
   *
   * @param name stands for the file in errors
   * @throws ConfigException with everything that is wrong with the text
   */
  public static Settings read(String text, String name) throws ConfigException {
    HoconReader reader = new HoconReader(new Problems(name));
    return reader.read(() -> Includes.parse(text, name, reader.files, reader.problems));
  }

  private Settings read(Supplier<Config> source) throws ConfigException {
    ConfigObject root;
    try {
      root = source.get().resolve().root();
    } catch (com.typesafe.config.ConfigException wrong) {
      if (problems.count() == 0) {
        addSyntaxProblem(wrong);
      }
      throw problems.exception();
    } catch (StackOverflowError tooDeep) { // the library has no limit of its own
      problems.add(0, "", "is nested too deep");
      throw problems.exception();
    }
    Settings settings = settings(root);
    problems.throwIfAny();
    return settings;
  }

  private void addSyntaxProblem(com.typesafe.config.ConfigException wrong) {
    ConfigOrigin origin = wrong.origin();
    String message = LIBRARY_ADVICE.matcher(String.valueOf(wrong.getMessage())).replaceFirst(")");
    if (origin == null) {
      problems.add(0, "", message);
      return;
    }
    String place = origin.description() + ": ";
    String text = message.startsWith(place) ? message.substring(place.length()) : message;
    problems.add(new ConfigProblem(fileName(origin), Math.max(0, origin.lineNumber()), "", text));
  }

  /** The file as the user named it; one that it includes, by its path. */
  private String fileName(ConfigOrigin origin) {
    String absolute = origin.filename();
    return absolute == null ? problems.file() : problems.nameOf(Path.of(absolute));
  }

  private Settings settings(ConfigObject file) throws ConfigException {
    Section whole = new Section(file, "", "", FILE, this::fileName, problems);
    whole.refuseUnknownKeys();
    return whole.get(CASHEW).orElseThrow(problems::exception);
  }
}
