// What the numbers of the proxy were: it counts from its start, so two states give rates and quantiles of what was between.

const KEPT_MILLIS = 10 * 60 * 1000;
/** After a longer silence a chart has a gap. */
const GAP_SECONDS = 20;

function sum(kinds) {
  return Object.values(kinds).reduce((all, each) => all + each, 0);
}

/** A count that has fallen began anew. */
function rate(now, before, seconds) {
  return now < before ? null : (now - before) / seconds;
}

/** As Prometheus does: within its bucket a quantile lies where it would if all were spread evenly. In microseconds. */
export function quantile(bounds, counts, part) {
  const all = counts.reduce((a, b) => a + b, 0);
  if (all <= 0) {
    return null;
  }
  let rank = part * all;
  for (let i = 0; i < bounds.length; i++) {
    if (rank <= counts[i]) {
      const from = i === 0 ? 0 : bounds[i - 1];
      return from + ((bounds[i] - from) * rank) / counts[i];
    }
    rank -= counts[i];
  }
  return bounds[bounds.length - 1];
}

function between(now, before) {
  return now.latency.buckets.map((count, i) => count - before.latency.buckets[i]);
}

function timed(now, before, bounds) {
  const counts = between(now, before);
  return { counts, p50: quantile(bounds, counts, 0.5), p99: quantile(bounds, counts, 0.99) };
}

function withoutCounts({ p50, p99 }) {
  return { p50, p99 };
}

function named(list, name) {
  return list.find((each) => each.name === name);
}

/** The sample of one pool. */
function ofPool(now, before, seconds, bounds) {
  const nodeErrors = (pool) => pool.nodes.reduce((all, node) => all + node.errorReplies, 0);
  return {
    requests: rate(now.requests, before.requests, seconds),
    bytesIn: rate(now.requestBytes, before.requestBytes, seconds),
    bytesOut: rate(now.replyBytes, before.replyBytes, seconds),
    errors: rate(sum(now.errors), sum(before.errors), seconds),
    nodeErrors: rate(nodeErrors(now), nodeErrors(before), seconds),
    ...timed(now, before, bounds),
  };
}

/** The sample of one node of a pool. */
function ofNode(now, before, seconds, bounds) {
  return {
    requests: rate(now.requests, before.requests, seconds),
    errors: rate(now.errorReplies, before.errorReplies, seconds),
    failures: rate(sum(now.failures), sum(before.failures), seconds),
    ...withoutCounts(timed(now, before, bounds)), // of 500 nodes they would be most of what is kept
  };
}

/** The sample of one command of a pool. */
function ofCommand(now, before, seconds, bounds) {
  return {
    calls: rate(now.calls, before.calls, seconds),
    failed: rate(now.failed + now.rejected, before.failed + before.rejected, seconds),
    ...timed(now, before, bounds),
  };
}

const ZERO = { latency: { buckets: new Array(64).fill(0) }, calls: 0, failed: 0, rejected: 0 };

export class History {
  #before = null;
  #beforeAt = 0;
  #series = new Map();
  #first = null;

  /** Takes in a state that came at this time, in milliseconds of the page's clock. */
  add(state, at) {
    const before = this.#before;
    const seconds = (at - this.#beforeAt) / 1000;
    this.#before = state;
    this.#beforeAt = at;
    this.#first ??= at;
    if (before === null || state.uptimeSeconds < before.uptimeSeconds || seconds <= 0) {
      return;
    }
    const bounds = state.latencyBucketMicros;
    const kept = new Map();
    const keep = (key, sample) => {
      sample.at = at;
      sample.follows = seconds < GAP_SECONDS;
      const samples = this.#series.get(key) ?? [];
      samples.push(sample);
      while (samples[0].at < at - KEPT_MILLIS) {
        samples.shift();
      }
      kept.set(key, samples);
    };
    const all = { requests: 0, errors: 0, counts: [] };
    for (const pool of state.pools) {
      const poolBefore = named(before.pools, pool.name);
      if (poolBefore === undefined) {
        continue;
      }
      const sample = ofPool(pool, poolBefore, seconds, bounds);
      keep(key(pool.name), sample);
      all.requests += sample.requests ?? 0;
      all.errors += (sample.errors ?? 0) + (sample.nodeErrors ?? 0);
      all.counts = sample.counts.map((count, i) => count + (all.counts[i] ?? 0));
      const nodesBefore = new Map(poolBefore.nodes.map((node) => [node.name, node]));
      for (const node of pool.nodes) {
        const nodeBefore = nodesBefore.get(node.name);
        if (nodeBefore !== undefined) {
          keep(key(pool.name, node.name), ofNode(node, nodeBefore, seconds, bounds));
        }
      }
      const commands = {};
      for (const command of pool.commands) {
        const commandBefore = named(poolBefore.commands, command.name) ?? ZERO;
        commands[command.name] = ofCommand(command, commandBefore, seconds, bounds);
      }
      sample.commands = commands;
    }
    keep(key(), { ...all, p99: quantile(bounds, all.counts, 0.99) });
    this.#series = kept;
    for (const samples of kept.values()) {
      // Only the last one is looked at.
      const former = samples.at(-2);
      if (former !== undefined) {
        delete former.commands;
        delete former.counts;
      }
    }
  }

  /** Begins with what the proxy has kept, as `/api/history` says it; `at` is when that came, by the page's clock. */
  begin(said, at) {
    if (this.#before !== null) {
      return;
    }
    const all = new Map();
    for (const pool of said.pools) {
      let last = null;
      const samples = pool.samples.map((each) => {
        const when = at - (said.timeMillis - each.atMillis);
        const follows = last !== null && when - last < GAP_SECONDS * 1000;
        last = when;
        const sum = all.get(each.atMillis) ?? { at: when, follows, requests: 0, errors: 0, p99: null };
        sum.requests += each.requests;
        sum.errors += each.errors + each.nodeErrors;
        all.set(each.atMillis, sum);
        return { ...each, at: when, follows, counts: [] };
      });
      if (samples.length > 0) {
        this.#series.set(key(pool.name), samples);
        this.#first = Math.min(this.#first ?? samples[0].at, samples[0].at);
      }
    }
    this.#series.set(key(), [...all.values()]);
  }

  /** The samples of a pool, or of a node of it, or of all; the newest is the last. */
  of(pool, node) {
    return this.#series.get(key(pool, node)) ?? [];
  }

  /** The newest sample; null before there is one. */
  latest(pool, node) {
    return this.of(pool, node).at(-1) ?? null;
  }

  /** From when to when a chart shows: a minute at first, ten at most. */
  span() {
    const to = this.#beforeAt;
    const age = this.#first === null ? 0 : to - this.#first;
    return { from: to - Math.min(KEPT_MILLIS, Math.max(60_000, Math.ceil(age / 60_000) * 60_000)), to };
  }
}

function key(...names) {
  return JSON.stringify(names.filter((name) => name !== undefined));
}
