package io.cashew.proxy.client;

/** Keeps something for clients that is not theirs any more when they leave. */
public interface Keeper {
  /** Forgets a client: it leaves, or begins anew. Nothing may be kept for it. */
  void forget(Client client);
}
