package io.cashew.proxy.metrics;

import io.cashew.proxy.resp.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A {@link Verdict} as a value of the label {@code kind}; an answer is none. */
record KindOfVerdict(Verdict verdict) implements Kind {
  static final List<KindOfVerdict> ALL =
      Stream.of(Verdict.values()).filter(Verdict::notExecuted).map(KindOfVerdict::new).toList();

  @Override
  public String label() {
    return verdict.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String help() {
    return verdict.help();
  }
}
