package io.cashew.proxy.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a file of HOCON and those that it includes: each must be there, be UTF-8, and pass {@link
 * HoconText}. One object a file, since an include is looked for beside the file that has it. Used
 * by the thread that reads the file.
 */
final class Includes
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
  private static final List<String> ENDINGS = List.of(".conf", ".json");
  private static final String PROPERTIES = ".properties";

  private final Path file;
  private final String text;
  private final Source source;

  private Includes(Path file, String text, Source source) {
    this.file = file;
    this.text = text;
    this.source = source;
  }

  /**
   * Where it is read for.
   *
   * @param read gets the files that were read
   * @param problems gets what keeps them from being parsed
   * @param outer the files that include this one, directly or not
   */
  private record Source(Set<Path> read, Problems problems, List<Path> outer) {
    Source inside(Path file) {
      return new Source(
          read, problems, Stream.concat(outer.stream(), Stream.of(file.normalize())).toList());
    }
  }

  /** What is wrong is in {@link Problems} already. */
  private static final class RefusedException extends com.typesafe.config.ConfigException {
    private static final long serialVersionUID = 1;

    RefusedException() {
      super("refused");
    }
  }

  /**
   * Parses a file.
   *
   * @param file absolute
   * @param read gets the files that were read
   * @param problems gets what keeps them from being parsed
   * @throws com.typesafe.config.ConfigException if there was anything
   */
  static Config parse(Path file, Set<Path> read, Problems problems) {
    return parse(
        file,
        ConfigParseOptions.defaults(),
        ConfigSyntax.CONF,
        new Source(read, problems, List.of()));
  }

  /** As above, of a text that is in no file: what it includes is looked for here. */
  static Config parse(String text, String name, Set<Path> read, Problems problems) {
    refuse(HoconText.problems(text), name, problems);
    Source source = new Source(read, problems, List.of());
    Includes includes = new Includes(Path.of(name).toAbsolutePath(), text, source);
    return ConfigFactory.parseString(
        text,
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setOriginDescription(name)
            .setIncluder(includes));
  }

  private static Config parse(
      Path file, ConfigParseOptions options, ConfigSyntax syntax, Source source) {
    source.read().add(file);
    Problems problems = source.problems();
    String name = problems.nameOf(file);
    String text;
    try {
      text = TextFile.read(file);
    } catch (TextFile.UnreadableException wrong) {
      problems.add(new ConfigProblem(name, wrong.line(), "", wrong.text()));
      throw new RefusedException();
    }
    if (syntax != ConfigSyntax.JSON) { // which has no comments, and quotes every text
      refuse(HoconText.problems(text), name, problems);
    }
    return ConfigFactory.parseFile(
        file.toFile(),
        options
            .setSyntax(syntax)
            .setAllowMissing(false)
            .setIncluder(new Includes(file, text, source.inside(file))));
  }

  private static void refuse(List<HoconText.Problem> found, String name, Problems problems) {
    found.forEach(
        problem -> problems.add(new ConfigProblem(name, problem.line(), "", problem.text())));
    if (!found.isEmpty()) {
      throw new RefusedException();
    }
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this; // the library's own takes a file that is missing for an empty one
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    if (what.contains("://")) {
      throw refused(what, "is a URL: only files can be included");
    }
    try {
      return include(context, what, file.resolveSibling(what));
    } catch (InvalidPathException wrong) {
      throw refused(what, "is no name of a file");
    }
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return include(context, what.getPath());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw refused(what.toString(), "is a URL: only files can be included");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw refused(what, "is not a file: only files can be included");
  }

  private ConfigObject include(ConfigIncludeContext context, String what, Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(PROPERTIES)) {
      throw refused(
          what,
          "is a Java properties file, in which a backslash is no character of a text: include a"
              + " .conf or .json file");
    }
    if (ENDINGS.stream().anyMatch(name::endsWith)) {
      if (!Files.exists(path)) {
        throw refused(what, "is not there: there is no file " + path);
      }
      return parse(context, what, path);
    }
    List<Path> candidates =
        ENDINGS.stream()
            .map(ending -> path.resolveSibling(path.getFileName() + ending))
            .filter(Files::exists)
            .toList();
    return switch (candidates.size()) {
      case 0 ->
          throw refused(
              what,
              Files.isRegularFile(path)
                  ? "has a name that does not say what it is: it must end in .conf or .json"
                  : "is not there: there is no file " + path + ".conf or " + path + ".json");
      case 1 -> parse(context, what, candidates.get(0));
      default -> throw refused(what, "can be two files, .conf and .json: write the whole name");
    };
  }

  private ConfigObject parse(ConfigIncludeContext context, String what, Path path) {
    if (source.outer().contains(path.normalize())) {
      throw refused(what, "includes itself: remove one of the includes");
    }
    boolean json = path.toString().toLowerCase(Locale.ROOT).endsWith(".json");
    return parse(path, context.parseOptions(), json ? ConfigSyntax.JSON : ConfigSyntax.CONF, source)
        .root();
  }

  private RefusedException refused(String what, String why) {
    Problems problems = source.problems();
    problems.add(
        new ConfigProblem(
            problems.nameOf(file), lineOf(what), "", "include '" + what + "' " + why));
    return new RefusedException();
  }

  /** The first line that seems to include it; 0 if none does. */
  private int lineOf(String what) {
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("include") && lines.get(i).contains('"' + what + '"')) {
        return i + 1;
      }
    }
    return 0;
  }
}
