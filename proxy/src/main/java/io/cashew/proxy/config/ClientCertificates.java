package io.cashew.proxy.config;

/** Whether a listener asks clients for certificates. */
public enum ClientCertificates {
  /** It does not. */
  NONE,
  /** It does; a client may have none, but none that is not trusted. */
  OPTIONAL,
  /** It does; a client without a trusted one is not let in. */
  REQUIRED
}
