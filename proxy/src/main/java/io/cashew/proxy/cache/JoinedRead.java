package io.cashew.proxy.cache;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.route.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * A read of a hash that was not sent, since another one brings its reply. Confined to the worker.
 */
final class JoinedRead extends JoinedRequest {
  private final HashPart hashes;
  private final KeyBytes key;
  private final CacheRule rule;
  private final HashQuestion question;

  /**
   * Joins another one.
   *
   * @param stripe of the key that both ask for
   */
  JoinedRead(
      HashPart hashes,
      KeyBytes key,
      CacheRule rule,
      int stripe,
      Seat seat,
      Exchange request,
      HashQuestion question) {
    super(hashes.part(), stripe, seat, request);
    this.hashes = hashes;
    this.key = key;
    this.rule = rule;
    this.question = question;
  }

  HashQuestion question() {
    return question;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    seat().joinedIsOver();
    return failure == null ? null : hashes.onError(key, rule, question);
  }

  /**
   * There is no such key.
   *
   * @param since the number of the key's stripe when that was asked; see {@link Versions}
   */
  void giveNothing(long since) {
    assert hashes.part().worker().inThread();
    Awaited what = hashes.awaited(rule, question);
    if (hashes.part().loads().waitsForLoader(key, rule, seat(), since, request(), what)) {
      seat().joinedIsOver(); // it is watched as one that waits from now on
    } else {
      give(what.nothing());
    }
  }

  /** The hash is not asked for as a whole: it is read as it was asked. */
  void readItself() {
    seat().joinedIsOver();
    hashes.readItself(key, rule, seat(), request(), question);
  }
}
