package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import io.cashew.hashing.distribution.SlotRange;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One node of a pool.
 *
 * @param name the name that is hashed, shown and logged; unique in its pool
 * @param address where it listens
 * @param weight share of the keys; at least 1
 * @param slots ranges of slots that it owns under {@code distribution = slots}; else empty
 */
public record NodeSettings(String name, Address address, int weight, List<SlotRange> slots) {
  private static final Pattern SLOTS_TEXT =
      Pattern.compile("([0-9]{1,5})(?:\\s*-\\s*([0-9]{1,5}))?");
  private static final int LAST_SLOT = 16383;

  static final Table<NodeSettings> TABLE =
      Table.titled("A node as an object, in `nodes`", NodeSettings::new);

  static final Setting<NodeSettings, Address> ADDRESS =
      TABLE.required(
          "address",
          Texts.node(),
          Kinds.NO_ADDRESS,
          WITH_THE_WHOLE,
          NodeSettings::address,
          "Where the node listens.");

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
                      + " the host alone for port 11211, and for a unix socket its path and a colon.")
              .impliedBy(others -> AddressText.defaultName(others.get(ADDRESS))));

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

  private NodeSettings(Values<NodeSettings> from) {
    this(from.get(NAME), from.get(ADDRESS), from.get(WEIGHT), from.get(SLOTS));
  }

  public NodeSettings {
    slots = List.copyOf(slots);
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
        node.address(),
        node.weight(),
        List.of());
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
