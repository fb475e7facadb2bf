package io.cashew.proxy.client;

/** What a client may learn about the proxy as a whole. Thread-safe. */
public interface ProxyFacts {

  /** The version, {@code 1.2.3}. */
  String version();

  /** Seconds since the start. */
  long uptimeSeconds();

  /** Name of the transport: {@code epoll}. */
  String transport();

  /** TCP port of the listener of a pool; 0 for a unix socket. */
  int port(String pool);

  /** Clients connected to all pools. */
  long clients();

  /** Clients accepted since the start. */
  long clientsAccepted();

  /** Bytes of requests and replies in the buffers of the process. */
  long memoryBytes();

  /** Bytes of buffers above which no new work is taken. */
  long memoryLimitBytes();

  /** Requests read since the start. */
  long requests();
}
