package io.cashew.proxy.route.computed;

import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code ZINTER ZUNION ZDIFF ZINTERCARD} of the members and scores of each key. Scores are added in
 * Redis's order, which is that of the sizes, since sums of doubles depend on it. Stateless.
 */
final class SortedSetReads {
  private static final String BAD_WEIGHT = "ERR weight value is not a float";

  private SortedSetReads() {}

  private enum Aggregate {
    SUM,
    MIN,
    MAX;

    double of(double one, double other) {
      return switch (this) {
        case SUM -> orZero(one + other); // of both infinities
        case MIN -> other < one ? other : one; // of both zeros, the one that was there
        case MAX -> other > one ? other : one;
      };
    }
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static double orZero(double score) {
    return Double.isNaN(score) ? 0 : score;
  }

  /** What a request asks for behind its keys. */
  private record Options(double[] weights, Aggregate aggregate, boolean withScores) {
    static Options of(Arguments request, boolean weighs) {
      int keys = request.skipCountedKeys();
      double[] weights = ones(keys);
      Aggregate aggregate = Aggregate.SUM;
      boolean withScores = false;
      while (request.hasMore()) {
        String word = request.word();
        if (word.equals("WITHSCORES")) {
          withScores = true;
        } else if (weighs && word.equals("WEIGHTS") && request.left() >= keys) {
          for (int i = 0; i < keys; i++) {
            weights[i] = weight(request.next());
          }
        } else if (weighs && word.equals("AGGREGATE") && request.hasMore()) {
          aggregate = aggregate(request.word());
        } else {
          throw RefusedRead.syntaxError();
        }
      }
      return new Options(weights, aggregate, withScores);
    }

    private static Aggregate aggregate(String word) {
      return switch (word) {
        case "SUM" -> Aggregate.SUM;
        case "MIN" -> Aggregate.MIN;
        case "MAX" -> Aggregate.MAX;
        default -> throw RefusedRead.syntaxError();
      };
    }

    private static double weight(String text) {
      try {
        double weight = Score.parse(text);
        if (!Double.isNaN(weight)) {
          return weight;
        }
      } catch (NumberFormatException e) {
        throw new RefusedRead(BAD_WEIGHT);
      }
      throw new RefusedRead(BAD_WEIGHT);
    }
  }

  /** One key: its members with their scores, times its weight. */
  private record Weighted(Map<String, Double> scores) {
    static Weighted of(ReplyValue key, double weight) {
      Map<String, Double> scores = new LinkedHashMap<>();
      boolean pairs = isPair(key);
      for (int i = 0; i < key.elements().size(); i += pairs ? 1 : 2) {
        ReplyValue member = pairs ? key.element(i).element(0) : key.element(i);
        ReplyValue score = pairs ? key.element(i).element(1) : key.element(i + 1);
        scores.put(member.text(), orZero(weight * Score.parse(score.text())));
      }
      return new Weighted(scores);
    }
  }

  static ReplyValue union(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    Options options = Options.of(request, true);
    Map<String, Double> union = new HashMap<>();
    for (Weighted key : smallestFirst(keys, options.weights, limit)) {
      key.scores.forEach((member, score) -> union.merge(member, score, options.aggregate::of));
    }
    return reply(union, options.withScores, request.style());
  }

  static ReplyValue intersection(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    Options options = Options.of(request, true);
    return reply(intersection(keys, options, limit), options.withScores, request.style());
  }

  static ReplyValue difference(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    Options options = Options.of(request, false);
    List<Weighted> weighted = weighted(keys, options.weights, limit);
    Map<String, Double> difference = new HashMap<>(weighted.get(0).scores);
    weighted
        .subList(1, keys.size())
        .forEach(key -> difference.keySet().removeAll(key.scores.keySet()));
    return reply(difference, options.withScores, request.style());
  }

  static ReplyValue intersectionSize(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    int count = request.skipCountedKeys();
    Options options = new Options(ones(count), Aggregate.SUM, false);
    return SetReads.size(intersection(keys, options, limit).size(), request);
  }

  private static Map<String, Double> intersection(
      List<ReplyValue> keys, Options options, ComputeLimit limit) {
    List<Weighted> weighted = smallestFirst(keys, options.weights, limit);
    Map<String, Double> common = new HashMap<>();
    weighted
        .get(0)
        .scores
        .forEach(
            (member, first) -> {
              double score = first;
              for (Weighted other : weighted.subList(1, weighted.size())) {
                Double its = other.scores.get(member);
                if (its == null) {
                  return;
                }
                score = options.aggregate.of(score, its);
              }
              common.put(member, score);
            });
    return common;
  }

  private static List<Weighted> smallestFirst(
      List<ReplyValue> keys, double[] weights, ComputeLimit limit) {
    return weighted(keys, weights, limit).stream()
        .sorted(Comparator.comparingInt(key -> key.scores.size()))
        .toList();
  }

  private static List<Weighted> weighted(
      List<ReplyValue> keys, double[] weights, ComputeLimit limit) {
    List<Weighted> weighted = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      weighted.add(Weighted.of(keys.get(i), weights[i]));
    }
    limit.check(weighted.stream().mapToLong(key -> key.scores.size()).sum());
    return weighted;
  }

  // ---------------------------------------------------------------- the reply

  /** Both zeros are equal, as in Redis. */
  private static int compare(Map.Entry<String, Double> one, Map.Entry<String, Double> other) {
    double first = one.getValue();
    double second = other.getValue();
    if (first == second) {
      return one.getKey().compareTo(other.getKey());
    }
    return first < second ? -1 : 1;
  }

  /** In the order of scores, equal ones in that of the bytes of the members. */
  private static ReplyValue reply(
      Map<String, Double> scores, boolean withScores, ReplyStyle style) {
    List<Map.Entry<String, Double>> ordered = new ArrayList<>(scores.entrySet());
    ordered.sort(SortedSetReads::compare);
    List<ReplyValue> elements = new ArrayList<>();
    for (Map.Entry<String, Double> each : ordered) {
      ReplyValue member = new ReplyValue('$', each.getKey(), List.of(), false);
      String text = Score.text(each.getValue(), style.allDigits());
      if (!withScores) {
        elements.add(member);
      } else if (style.resp3()) {
        elements.add(
            ReplyValue.array(List.of(member, new ReplyValue(',', text, List.of(), false))));
      } else {
        elements.add(member);
        elements.add(new ReplyValue('$', text, List.of(), false));
      }
    }
    return ReplyValue.array(elements);
  }

  /** Whether members come with their scores as pairs, as in RESP3. */
  private static boolean isPair(ReplyValue key) {
    return !key.elements().isEmpty() && key.element(0).type() == '*';
  }
}
