package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.RESTART;
import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Lists of objects, sections that may be absent, and what excludes what; on settings of its own.
 */
final class TableTest {

  /** An element of a list. */
  private record Place(Optional<String> address, Optional<String> master, int weight) {
    static final Table<Place> TABLE = Table.titled("A place, in `places`", Place::new);
    static final Setting<Place, Optional<String>> ADDRESS =
        TABLE.optional("address", Texts.text(), "not set", WITH_THE_WHOLE, Place::address, ".");
    static final Setting<Place, Optional<String>> MASTER =
        TABLE.optional("master", Texts.text(), "not set", WITH_THE_WHOLE, Place::master, ".");
    static final Setting<Place, Integer> WEIGHT =
        TABLE.row("weight", Kinds.integer(1, 9), "1", WITH_THE_WHOLE, Place::weight, ".");

    static {
      TABLE.exactlyOneOf(List.of(ADDRESS, MASTER));
    }

    Place(Values<Place> from) {
      this(from.get(ADDRESS), from.get(MASTER), from.get(WEIGHT));
    }
  }

  /** A section that may be absent. */
  private record Watchers(List<String> names, long every, List<Place> spots) {
    static final Table<Watchers> TABLE = Table.of(Watchers::new);
    static final Setting<Watchers, List<String>> NAMES =
        TABLE.required(
            "names",
            Kinds.list("a list of names", "has no names", Texts.name()),
            List.of(),
            AT_ONCE,
            Watchers::names,
            ".");
    static final Setting<Watchers, Long> EVERY =
        TABLE.row(
            "every",
            Kinds.duration(Kinds.MILLISECOND, Kinds.LONGEST),
            "5s",
            AT_ONCE,
            Watchers::every,
            ".");

    static final Setting<Watchers, List<Place>> SPOTS =
        TABLE.add(
            Setting.of(
                "spots",
                Kinds.objects("a list of spots", "has no spots", Place.TABLE),
                "none",
                List.of(),
                AT_ONCE,
                Watchers::spots,
                "."));

    Watchers(Values<Watchers> from) {
      this(from.get(NAMES), from.get(EVERY), from.get(SPOTS));
    }
  }

  private record Part(int size) {
    static final Table<Part> TABLE = Table.of(Part::new);
    static final Setting<Part, Integer> SIZE =
        TABLE.row("part.size", Kinds.integer(0, 99), "7", RESTART, Part::size, ".");

    Part(Values<Part> from) {
      this(from.get(SIZE));
    }
  }

  private record Whole(
      List<Place> places, Optional<Watchers> watchers, Optional<String> group, Part part) {
    static final Table<Whole> TABLE = Table.of(Whole::new);
    static final Setting<Whole, List<Place>> PLACES =
        TABLE.add(
            Setting.of(
                "places",
                Kinds.objects("a list of places", "has no places", Place.TABLE),
                "none",
                List.of(),
                AT_ONCE,
                Whole::places,
                "."));
    static final Setting<Whole, Optional<Watchers>> WATCHERS =
        TABLE.add(
            Setting.of(
                "watchers",
                Kinds.section(Watchers.TABLE),
                "not set",
                Optional.empty(),
                AT_ONCE,
                Whole::watchers,
                "."));
    static final Setting<Whole, Optional<String>> GROUP =
        TABLE.optional("group", Texts.text(), "not set", AT_ONCE, Whole::group, ".");

    static {
      TABLE.part(Part.TABLE, Whole::part);
      TABLE.excludes(GROUP, List.of(PLACES, Part.SIZE));
    }

    Whole(Values<Whole> from) {
      this(
          from.get(PLACES),
          from.get(WATCHERS),
          from.get(GROUP),
          from.part(Part.TABLE, Whole::part));
    }
  }

  private static Whole read(String text) throws ConfigException {
    Problems problems = new Problems("test.conf");
    Section section =
        new Section(
            ConfigFactory.parseString(text).root(),
            "",
            "",
            Whole.TABLE,
            origin -> "test.conf",
            problems);
    section.refuseUnknownKeys();
    Whole whole = Whole.TABLE.read(section);
    problems.throwIfAny();
    return whole;
  }

  private static List<String> problems(String text) {
    return assertThrows(ConfigException.class, () -> read(text)).problems().stream()
        .map(ConfigProblem::toString)
        .toList();
  }

  private static String written(Whole whole) {
    StringBuilder text = new StringBuilder();
    Whole.TABLE
        .written(whole, false)
        .forEach(line -> text.append(line.key() + " = " + line.text() + "\n"));
    return text.toString();
  }

  private static final String GOOD =
      """
      places = [ { address = "a:1" }, { master = m, weight = 3 } ]
      watchers { names = [ x, y ], every = 300ms }
      part.size = 9
      """;

  @Test
  void listsOfObjectsAndSectionsAreRead() throws ConfigException {
    Whole whole = read(GOOD);
    assertEquals(
        List.of(
            new Place(Optional.of("a:1"), Optional.empty(), 1),
            new Place(Optional.empty(), Optional.of("m"), 3)),
        whole.places());
    assertEquals(Optional.of(new Watchers(List.of("x", "y"), 300, List.of())), whole.watchers());
    assertEquals(9, whole.part().size());
    assertEquals(Optional.empty(), read("places = [ { master = m } ]").watchers());
  }

  @Test
  void whatIsWrittenReadsBackTheSame() throws ConfigException {
    Whole whole = read(GOOD);
    assertEquals(
        """
        places = [
          { address = "a:1" }
          { master = "m", weight = 3 }
        ]
        watchers = { names = ["x", "y"], every = 300ms }
        part.size = 9
        """,
        written(whole));
    assertEquals(whole, read(written(whole)));
    assertEquals("", written(read("")));
  }

  @Test
  void aSectionMayHaveLists() throws ConfigException {
    Whole whole = read("watchers { names = [ x ], spots = [ { address = a } ] }");
    assertEquals(
        """
        watchers = {
          names = ["x"]
          spots = [
            { address = "a" }
          ]
        }
        """,
        written(whole));
    assertEquals(whole, read(written(whole)));
    assertEquals(
        List.of(
            "test.conf:1: watchers.spots[0].adress: unknown key, did you mean 'address'? known:"
                + " address master weight"),
        problems("watchers { names = [ x ], spots = [ { address = a, adress = b } ] }"));
  }

  @Test
  void unknownKeysInsideAreRefusedWithTheNearest() {
    assertEquals(
        List.of(
            "test.conf:1: places[0].wieght: unknown key, did you mean 'weight'? known: address"
                + " master weight"),
        problems("places = [ { address = a, wieght = 2 } ]"));
    assertEquals(
        List.of(
            "test.conf:1: watchers.evry: unknown key, did you mean 'watchers.every'? known: names"
                + " every spots"),
        problems("watchers { names = [ x ], evry = 1s }"));
  }

  @Test
  void anObjectHasExactlyOneOfWhatExcludesEachOther() {
    assertEquals(
        List.of("test.conf:1: places[0]: has none of address, master: it must have one"),
        problems("places = [ { weight = 2 } ]"));
    assertEquals(
        List.of(
            "test.conf:1: places[0].master: cannot stand beside address: there is one of address,"
                + " master"),
        problems("places = [ { address = a, master = m } ]"));
  }

  @Test
  void aSettingExcludesOthersAlsoOfParts() {
    assertEquals(
        List.of(
            "test.conf:2: places: has no use beside group: remove one of them",
            "test.conf:3: part.size: has no use beside group: remove one of them"),
        problems("group = g\nplaces = [ { address = a } ]\npart.size = 3"));
  }

  @Test
  void whatIsMissingInASectionIsSaid() {
    assertEquals(
        List.of("test.conf:1: watchers.names: is missing: it must be a list of names"),
        problems("watchers { every = 1s }"));
    assertEquals(
        List.of("test.conf:1: watchers: must be an object { … }, not 'on'"),
        problems("watchers = on"));
    assertEquals(
        List.of("test.conf:2: places[1]: must be an object { … }, not 'x'"),
        problems("places = [ { address = a }\n x ]"));
  }

  @Test
  void changesAreThoseOfEachRow() throws ConfigException {
    List<SettingChange> changes = Whole.TABLE.changes(read(GOOD), read("group = g")).toList();
    assertEquals(
        List.of(
            "places: 2 of them -> 0 of them, at once",
            "watchers: set -> not set, at once",
            "group: not set -> g, at once",
            "part.size: 9 -> 7, needs a restart"),
        changes.stream().map(SettingChange::text).toList());
    Whole runs = Whole.TABLE.takenOver(read(GOOD), read("group = g"));
    assertEquals(Optional.of("g"), runs.group());
    assertEquals(9, runs.part().size());
  }

  @Test
  void oneSettingIsReplacedAlsoInAPart() throws ConfigException {
    Whole whole = read(GOOD);
    Whole other = Whole.TABLE.make(Values.but(whole, Part.SIZE, 1));
    assertEquals(new Part(1), other.part());
    assertEquals(whole.places(), other.places());
    assertEquals(new Part(2), Whole.TABLE.make(Values.but(whole, Part.TABLE, new Part(2))).part());
  }
}
