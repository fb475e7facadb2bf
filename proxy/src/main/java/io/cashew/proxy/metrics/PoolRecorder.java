package io.cashew.proxy.metrics;

/**
 * What one worker counts for the clients of one pool. Owned by that worker, written and read as a
 * {@link NodeRecorder} is.
 */
public final class PoolRecorder {

  /** Gauge: clients that are connected. */
  public long clients;

  /** Clients accepted. */
  public long clientsAccepted;

  /** Clients refused because of a limit on connections. */
  public long clientsRefused;

  /** Whole requests read from clients. */
  public long requests;

  /** Bytes read from clients. */
  public long requestBytes;

  /** Replies given to clients, errors included. */
  public long replies;

  /** Bytes of replies given to clients. */
  public long replyBytes;

  /** Gauge: requests of clients that have no reply yet. */
  public long inFlight;

  /** Gauge: bytes of replies that the kernel has not taken yet. */
  public long queuedBytes;

  /** Requests with several keys or for several nodes, split or not. */
  public long multiKeyRequests;

  /** Parts into which requests were split, one a node. */
  public long fragments;

  /** Replies made here without a node, errors not included. */
  public long localReplies;

  /** Times a client was not read from for a while because of a limit. */
  public long readPauses;

  /** Requests that only read, sent once more because the connection to their node had ended. */
  public long retries;

  /** Gauge: clients that are subscribed to something. */
  public long subscribers;

  /** Gauge: clients' subscriptions to channels and shard channels, one a client and channel. */
  public long channelSubscriptions;

  /** Gauge: clients' subscriptions to patterns, one a client and pattern. */
  public long patternSubscriptions;

  /** Messages given to clients, one a client and subscription that matches. */
  public long messagesDelivered;

  /** Requests that took longer than the slow log's limit. */
  public long slowRequests;

  /** Gauge: requests read in the last second. */
  public long requestsPerSecond;

  /** Gauge: bytes read from clients in the last second. */
  public long requestBytesPerSecond;

  /** Gauge: bytes given to clients in the last second. */
  public long replyBytesPerSecond;

  /** What is counted for each command. */
  public final CommandRecorders commands = new CommandRecorders();

  /** What is counted for each rule of its cache. */
  public final RuleRecorders rules = new RuleRecorders();

  /** Error replies, of the proxy and of nodes. */
  public final ErrorCounts errors = new ErrorCounts();

  private final KindCounts<ClientErrorKind> clientErrors = new KindCounts<>(ClientErrorKind.class);

  private final KindCounts<RefusalKind> refusals = new KindCounts<>(RefusalKind.class);

  /** Counts a client that was closed or lost. */
  public void clientError(ClientErrorKind kind) {
    clientErrors.add(kind, 1);
  }

  /** How many clients were closed or lost in this way. */
  public long clientErrors(ClientErrorKind kind) {
    return clientErrors.get(kind);
  }

  /** Counts an error reply that the proxy made itself. */
  public void refused(RefusalKind kind) {
    refusals.add(kind, 1);
  }

  /** How many error replies of this kind the proxy made. */
  public long refusals(RefusalKind kind) {
    return refusals.get(kind);
  }
}
