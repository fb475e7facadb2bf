package io.cashew.proxy.client;

import io.cashew.proxy.metrics.PoolRecorder;

/** What one pool does in a second on one worker. Confined to the worker. */
final class Rates {
  private final PoolRecorder recorder;
  private long millisBefore;
  private long requestsBefore;
  private long requestBytesBefore;
  private long replyBytesBefore;

  Rates(PoolRecorder recorder, long tickMillis) {
    this.recorder = recorder;
    millisBefore = tickMillis;
  }

  /** About once a second. */
  void onSecond(long tickMillis) {
    long millis = Math.max(1, tickMillis - millisBefore);
    millisBefore = tickMillis;
    recorder.requestsPerSecond = perSecond(recorder.requests - requestsBefore, millis);
    recorder.requestBytesPerSecond = perSecond(recorder.requestBytes - requestBytesBefore, millis);
    recorder.replyBytesPerSecond = perSecond(recorder.replyBytes - replyBytesBefore, millis);
    requestsBefore = recorder.requests;
    requestBytesBefore = recorder.requestBytes;
    replyBytesBefore = recorder.replyBytes;
  }

  private static long perSecond(long count, long millis) {
    return (count * 1000 + millis / 2) / millis;
  }
}
