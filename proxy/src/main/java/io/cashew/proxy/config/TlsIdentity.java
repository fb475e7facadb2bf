package io.cashew.proxy.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What one end of a TLS connection shows of itself.
 *
 * @param certificate file of its certificate, followed by those between it and the authority; PEM
 * @param key file of its private key, PKCS #8, PKCS #1 or SEC 1 as PEM
 * @param keyPassword that the key is encrypted with; empty: it is not
 */
public record TlsIdentity(Path certificate, Path key, Optional<Secret> keyPassword) {}
