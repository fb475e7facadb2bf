package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import io.cashew.hashing.distribution.SlotRange;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One node of a pool.
 *
 * @param name the name that is hashed, shown and logged; unique in its pool
 * @param place where its server is
 * @param weight share of the keys; at least 1
 * @param slots ranges of slots that it owns under {@code distribution = slots}; else empty
 * @param named whether its name was given, and does not follow from its address
 */
public record NodeSettings(
    String name, NodePlace place, int weight, List<SlotRange> slots, boolean named) {
  private static final Pattern SLOTS_TEXT =
      Pattern.compile("([0-9]{1,5})(?:\\s*-\\s*([0-9]{1,5}))?");
  private static final int LAST_SLOT = 16383;

  static final Table<NodeSettings> TABLE =
      Table.titled("A node as an object, in `nodes`", NodeSettings::new);

  static final Setting<NodeSettings, Optional<Address>> ADDRESS =
      TABLE.optional(
          "address",
          Texts.node(),
          "one of the three",
          WITH_THE_WHOLE,
          node ->
              node.place instanceof NodePlace.At at ? Optional.of(at.address()) : Optional.empty(),
          "Where the node listens. A node has this, `addresses` or `master`.");

  static final Setting<NodeSettings, Integer> WEIGHT =
      TABLE.row(
          "weight",
          Kinds.integer(1, Integer.MAX_VALUE),
          "1",
          WITH_THE_WHOLE,
          NodeSettings::weight,
          "Share of the keys, relative to the other nodes.");

  static final Setting<NodeSettings, String> NAME =
      TABLE.add(
          Setting.of(
                  "name",
                  Texts.name(),
                  "twemproxy's label",
                  "",
                  WITH_THE_WHOLE,
                  NodeSettings::name,
                  "The name that is hashed, shown and logged; unique in its pool. Without it: `host:port`,"
                      + " the host alone for port 11211, and for a unix socket its path and a colon."
                      + " Nodes with `addresses` or `master` need one.")
              .impliedBy(others -> others.get(ADDRESS).map(AddressText::defaultName).orElse("")));

  static final Setting<NodeSettings, List<SlotRange>> SLOTS =
      TABLE.add(
          Setting.of(
              "slots",
              Kinds.list(
                  "a list of slots and ranges: [ \"0-5460\", \"9000\" ]",
                  "has no slots: leave the key out for an even split",
                  slotRange()),
              "an even split",
              List.of(),
              WITH_THE_WHOLE,
              NodeSettings::slots,
              "The slots that the node owns, only with `distribution = slots`; then every node names"
                  + " its own."));

  static final Setting<NodeSettings, List<Address>> ADDRESSES =
      TABLE.add(
          Setting.of(
              "addresses",
              Kinds.list(
                  "a list of addresses: [ \"10.0.0.2:6379\", \"10.0.0.3:6379\" ]",
                  "is empty: name the primary and its replicas",
                  Texts.node()),
              "one of the three",
              List.of(),
              WITH_THE_WHOLE,
              node -> node.place instanceof NodePlace.Among among ? among.addresses() : List.of(),
              "Where a primary and its replicas listen, whichever is which. The one that says that it"
                  + " is primary, and has the data of the former one, takes the requests; it is asked"
                  + " for once a second. For servers that no Sentinel watches. Needs a `name`."));

  static final Setting<NodeSettings, Optional<String>> MASTER =
      TABLE.optional(
          "master",
          Texts.name(),
          "one of the three",
          WITH_THE_WHOLE,
          node ->
              node.place instanceof NodePlace.OfMaster of
                  ? Optional.of(of.master())
                  : Optional.empty(),
          "The name by which the Sentinels of the pool (`sentinel.addresses`) know a primary. The"
              + " server that most of them name, and that says itself that it is primary, takes the"
              + " requests. Needs a `name`.");

  static {
    TABLE.exactlyOneOf(List.of(ADDRESS, ADDRESSES, MASTER));
    TABLE.rule(NodeSettings::refuseWithoutName);
  }

  private NodeSettings(Values<NodeSettings> from) {
    this(from.get(NAME), place(from), from.get(WEIGHT), from.get(SLOTS));
  }

  /** A node of one server. */
  public NodeSettings(String name, Address address, int weight, List<SlotRange> slots) {
    this(name, new NodePlace.At(address), weight, slots);
  }

  /** A node whose name was given if it is another than its address makes. */
  public NodeSettings(String name, NodePlace place, int weight, List<SlotRange> slots) {
    this(name, place, weight, slots, !isOfAddress(name, place));
  }

  private static boolean isOfAddress(String name, NodePlace place) {
    return place instanceof NodePlace.At at && name.equals(AddressText.defaultName(at.address()));
  }

  /** The same, whose name was given. */
  NodeSettings asNamed() {
    return new NodeSettings(name, place, weight, slots, true);
  }

  private static NodePlace place(Values<NodeSettings> from) {
    Optional<Address> address = from.get(ADDRESS);
    Optional<String> master = from.get(MASTER);
    List<Address> addresses = from.get(ADDRESSES);
    if (address.isEmpty() && master.isPresent()) {
      return new NodePlace.OfMaster(master.get());
    }
    return address.isEmpty() && !addresses.isEmpty()
        ? new NodePlace.Among(addresses)
        : new NodePlace.At(address.orElse(Kinds.NO_ADDRESS));
  }

  private static void refuseWithoutName(NodeSettings node, Section section) {
    if (!section.has(NAME) && (section.has(ADDRESSES) || section.has(MASTER))) {
      section.report(
          section.self(),
          "",
          "has no name: keys are spread by name, which must not change with the server; write name"
              + " = …");
    }
  }

  public NodeSettings {
    slots = List.copyOf(slots);
  }

  /**
   * The address of a node of one server.
   *
   * @throws IllegalStateException if it has none, or several
   */
  public Address address() {
    if (place instanceof NodePlace.At at) {
      return at.address();
    }
    throw new IllegalStateException("node '" + name + "' is not at one address: " + place);
  }

  /**
   * A node as a list of nodes has it: {@code host:port[:weight] [name]}.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  public static NodeSettings of(String text) {
    try {
      return read(text);
    } catch (BadValue wrong) {
      throw new IllegalArgumentException("a node " + wrong.text(), wrong);
    }
  }

  /** As {@link #of}, for a file. */
  static NodeSettings read(String text) throws BadValue {
    AddressText.Node node = AddressText.nodeWithWeight(text);
    return new NodeSettings(
        node.name().orElseGet(() -> AddressText.defaultName(node.address())),
        new NodePlace.At(node.address()),
        node.weight(),
        List.of(),
        node.name().isPresent());
  }

  private static Kind<SlotRange> slotRange() {
    String form = "a slot or a range of slots";
    return Kind.text(
        form,
        range ->
            range.first() == range.last() ? "" + range.first() : range.first() + "-" + range.last(),
        value -> slotRange(Kinds.scalar(value, form)));
  }

  private static SlotRange slotRange(String text) throws BadValue {
    Matcher matcher = SLOTS_TEXT.matcher(text);
    if (matcher.matches()) {
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first <= last && last <= LAST_SLOT) {
        return new SlotRange(first, last);
      }
    }
    throw Kinds.mustBe("a slot from 0 to " + LAST_SLOT + " or a rising range such as 0-5460", text);
  }
}
