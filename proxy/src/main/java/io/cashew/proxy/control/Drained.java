package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.topology.ServerId;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Whether nothing is under way on servers that are retired, as far as is known: each time this is
 * asked, it asks the workers unless their answer is still to come. Confined to the control thread.
 *
 * <p>When all requests have their replies, a message that one worker's client has published there
 * may not have come to another worker's yet: so the servers are asked for an answer then, where
 * they are listened to.
 */
final class Drained implements BooleanSupplier {

  private enum Phase {
    REQUESTS,
    MESSAGES,
    NOTHING_LEFT
  }

  private final OnWorkers workers;
  private final List<ServerId> retired;
  private Phase phase;
  private boolean asking;

  /** The servers are retired from now on, or will be before this is asked. */
  Drained(OnWorkers workers, List<ServerId> retired) {
    this.workers = workers;
    this.retired = retired;
    phase = retired.isEmpty() ? Phase.NOTHING_LEFT : Phase.REQUESTS;
  }

  @Override
  public boolean getAsBoolean() {
    if (!asking && phase != Phase.NOTHING_LEFT) {
      asking = true;
      ask();
    }
    return phase == Phase.NOTHING_LEFT;
  }

  private void ask() {
    switch (phase) {
      case REQUESTS -> workers.ask(part -> all(part).allMatch(Backend::drained), this::requests);
      case MESSAGES ->
          workers.ask(part -> all(part).allMatch(Backend::publishedHasCome), this::messages);
      case NOTHING_LEFT -> asking = false;
    }
  }

  private Stream<Backend> all(PoolOnWorker part) {
    return part.servers().of(retired).stream();
  }

  private void requests(boolean none) {
    if (none) {
      phase = Phase.MESSAGES;
      workers.run(part -> all(part).forEach(Backend::awaitPublished), this::ask);
    } else {
      asking = false;
    }
  }

  private void messages(boolean none) {
    phase = none ? Phase.NOTHING_LEFT : phase;
    asking = false;
  }
}
