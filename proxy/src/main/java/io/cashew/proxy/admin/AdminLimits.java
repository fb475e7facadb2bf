package io.cashew.proxy.admin;

/**
 * What a client of the admin address may take.
 *
 * @param connections at once; one more is answered 503 and closed
 * @param requestLine longest first line of a request, in bytes
 * @param headers longest header section, in bytes
 * @param body longest body, in bytes
 * @param timeoutMillis from the opening of a connection, or its last reply, to the end of the next
 *     request; and for the client to take a reply
 */
record AdminLimits(int connections, int requestLine, int headers, int body, long timeoutMillis) {

  /** What ships: a few scrapers, a browser, and requests that a person writes. */
  static final AdminLimits DEFAULT = new AdminLimits(64, 4096, 8192, 65_536, 10_000);
}
