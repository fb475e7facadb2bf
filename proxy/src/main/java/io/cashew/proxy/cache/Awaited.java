package io.cashew.proxy.cache;

import io.cashew.proxy.resp.Replies;

/**
 * What a request asks of a key, which is not sent while another client loads that. Confined to the
 * worker.
 */
interface Awaited {
  /** The reply if there is no such key. */
  byte[] nothing();

  /** Whether the reply to a GET is the reply. */
  boolean isValue();

  /**
   * The key is there, and the request waits no longer: it is read now, together with those that ask
   * for the same.
   */
  void read(Waiter waiter);

  /** What a GET asks for. */
  record Value(boolean resp3) implements Awaited {
    private static final byte[] NIL = Replies.bytes("$-1\r\n");
    private static final byte[] NIL_3 = Replies.bytes("_\r\n");

    static byte[] nil(boolean resp3) {
      return resp3 ? NIL_3 : NIL;
    }

    @Override
    public byte[] nothing() {
      return nil(resp3);
    }

    @Override
    public boolean isValue() {
      return true;
    }

    @Override
    public void read(Waiter waiter) {
      waiter.asksItself();
    }
  }
}
