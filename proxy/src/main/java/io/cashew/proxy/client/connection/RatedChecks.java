package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;
import org.jspecify.annotations.Nullable;

/**
 * The checks of a pool that has rates: every request is counted first, and its keys once it may use
 * them. One that waits and comes again is counted once. Confined to the worker.
 */
final class RatedChecks extends Checks {
  private final RateCheck rates;

  RatedChecks(
      PoolPart pool,
      AccessGuard guard,
      PrimaryCheck primaries,
      DepartureCheck departures,
      RateCheck rates) {
    super(pool, guard, primaries, departures);
    this.rates = rates;
  }

  @Override
  Outcome check(ConnectedClient client, Command command, RequestFrame frame) {
    boolean isCounted = rates.isCounted(client);
    if (!isCounted && isRefused(client, rates.refusal(client, command))) {
      return Outcome.ANSWERED;
    }
    if (isNotAdmitted(client, command, frame)
        || (!isCounted && isRefused(client, rates.refusalOfKeys(client, command, frame)))) {
      rates.waits(client, false);
      return Outcome.ANSWERED;
    }
    Outcome outcome = checkAdmitted(client, command, frame);
    rates.waits(client, outcome == Outcome.LATER);
    return outcome;
  }

  private static boolean isRefused(ConnectedClient client, @Nullable String refusal) {
    if (refusal == null) {
      return false;
    }
    client.refuse(RefusalKind.RATE_LIMITED, refusal);
    return true;
  }
}
