package io.cashew.proxy.metrics;

import static io.cashew.proxy.metrics.Metric.row;
import static io.cashew.proxy.metrics.MetricType.COUNTER;
import static io.cashew.proxy.metrics.MetricType.GAUGE;

import java.util.List;

/** What is published of the rules of caches, a row a number. */
final class RuleMetrics {
  static final List<Metric<RuleRecorder>> ROWS =
      List.of(
          row(
              "cashew_cache_rate_limited_total",
              COUNTER,
              "Requests refused because of rate, rate-per-key or rate-per-client of a rule",
              r -> r.rateLimited),
          row(
              "cashew_cache_hits_total",
              COUNTER,
              "Values given from the proxy's memory (near)",
              r -> r.hits),
          row(
              "cashew_cache_missing_hits_total",
              COUNTER,
              "Times that the proxy's memory said that there is no such key (missing)",
              r -> r.missingHits),
          row(
              "cashew_cache_misses_total",
              COUNTER,
              "Values asked of a node that memory might have had and did not",
              r -> r.misses),
          row(
              "cashew_cache_bytes",
              GAUGE,
              "Bytes of what is kept, what surrounds it included",
              r -> r.bytes),
          row(
              "cashew_cache_entries",
              GAUGE,
              "Keys of which something is kept; what counts no more goes when room is needed",
              r -> r.entries),
          row(
              "cashew_cache_evictions_total",
              COUNTER,
              "Keys of which what was kept was forgotten to make room (cache.memory)",
              r -> r.evictions),
          row(
              "cashew_cache_fills_dropped_total",
              COUNTER,
              "Replies not kept since something was heard of their key while they were under way",
              r -> r.fillsDropped),
          row(
              "cashew_cache_invalidations_total",
              COUNTER,
              "Messages of nodes that a key has changed",
              r -> r.invalidations),
          row(
              "cashew_cache_guarded_total",
              COUNTER,
              "Requests answered without a node since their keys surely do not exist (guard)",
              r -> r.guarded),
          row(
              "cashew_cache_redeleted_total",
              COUNTER,
              "Deletions that were repeated because of redelete of a rule",
              r -> r.redeleted),
          row(
              "cashew_cache_redeletes_lost_total",
              COUNTER,
              "Deletions that were to be repeated and were not: too many, or no node took them",
              r -> r.redeletesLost),
          row(
              "cashew_cache_redeletes_pending",
              GAUGE,
              "Deletions that wait to be repeated, and are lost with the process",
              r -> r.redeletesPending),
          row(
              "cashew_cache_lease_waits_total",
              COUNTER,
              "Requests that waited until another client had loaded their key (lease)",
              r -> r.leaseWaits),
          row(
              "cashew_cache_lease_timeouts_total",
              COUNTER,
              "Requests that waited so, and were told nil when their time was over",
              r -> r.leaseTimeouts),
          row(
              "cashew_cache_stale_total",
              COUNTER,
              "Values given from memory though their keys had expired or were deleted (stale)",
              r -> r.stale),
          row(
              "cashew_cache_stale_on_error_total",
              COUNTER,
              "Values given from memory since their node could not answer (stale-on-error)",
              r -> r.staleOnError));

  private RuleMetrics() {}
}
