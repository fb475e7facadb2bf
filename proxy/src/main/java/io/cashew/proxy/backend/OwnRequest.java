package io.cashew.proxy.backend;

/**
 * A request of the proxy's own among those of clients, on the connections that they share: it is
 * not counted as one of theirs. Confined to the worker.
 */
public abstract class OwnRequest extends InFlight {
  protected OwnRequest() {
    proxysOwn = true;
  }

  @Override
  public void onStallTimeout() {} // it takes whatever comes
}
