package io.cashew.hashing.distribution;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which hashes change their node between two continua: every hash is counted, none is sampled. */
final class Moves {
  private Moves() {}

  /**
   * Hashes that move from one node to another.
   *
   * @param from index of the node before
   * @param to index of the node after
   * @param hashes how many
   */
  record Move(int from, int to, long hashes) {}

  /** Moves, one for each arc of the two rings laid over each other. */
  static List<Move> between(Ketama before, Ketama after) {
    Set<Long> ends = new TreeSet<>();
    addValues(before, ends);
    addValues(after, ends);
    ends.add(0xffffffffL);
    List<Move> moves = new ArrayList<>();
    long previous = -1;
    for (long end : ends) {
      int from = before.nodeFor((int) end);
      int to = after.nodeFor((int) end);
      if (from != to) {
        moves.add(new Move(from, to, end - previous));
      }
      previous = end;
    }
    return moves;
  }

  /** The part of all hashes that moves between nodes of which neither is {@code changed}. */
  static double shareBetweenOthers(int changed, List<Move> moves) {
    return moves.stream()
            .filter(move -> move.from() != changed && move.to() != changed)
            .mapToLong(Move::hashes)
            .sum()
        / 0x1p32;
  }

  private static void addValues(Ketama ketama, Set<Long> ends) {
    for (int point = 0; point < ketama.pointCount(); point++) {
      ends.add(ketama.value(point));
    }
  }
}
