package io.cashew.proxy.control;

import io.cashew.proxy.config.ClientCertificates;
import io.cashew.proxy.config.ListenerTls;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.TlsMaterial;
import io.cashew.proxy.config.TlsSettings;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * Makes Netty's contexts of settings: OpenSSL where its library loads, else Java's own TLS. A
 * client may not ask for a new handshake in the middle of a connection (TLS 1.2 could; OpenSSL
 * refuses it by itself).
 */
public final class TlsContexts {
  private static final SslProvider PROVIDER =
      OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;

  /** Kinds of keys, as Java names them, that OpenSSL's library signs with. */
  private static final Set<String> OF_OPENSSL = Set.of("RSA", "EC");

  /** Read by Java's TLS when it is first used. */
  private static final String REJECT_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

  static {
    if (System.getProperty(REJECT_RENEGOTIATION) == null) {
      System.setProperty(REJECT_RENEGOTIATION, "true");
    }
  }

  private TlsContexts() {}

  /** What carries TLS with a context. */
  static String provider(SslContext context) {
    return context instanceof ReferenceCountedOpenSslContext
        ? OpenSsl.versionString()
        : "Java's own";
  }

  /**
   * Makes everything that the pools need for TLS, and drops it.
   *
   * @throws IOException if that cannot be done; the message names the pool
   */
  public static void check(Settings settings) throws IOException {
    for (PoolSettings pool : settings.pools()) {
      if (pool.tls().clients().isPresent()) {
        WatchedTls.forClients(pool.name(), pool.tls().clients().get()).close();
      }
      if (pool.tls().nodes().isPresent()) {
        WatchedTls.forNodes(pool.name(), pool.tls().nodes().get()).close();
      }
      if (pool.sentinel().tls().isPresent()) {
        WatchedTls.forSentinels(pool.sentinel().tls().get()).close();
      }
    }
  }

  static SslContext forClients(ListenerTls settings) throws IOException {
    TlsMaterial material = settings.tls().load();
    SslContextBuilder builder =
        SslContextBuilder.forServer(
                material.key().orElseThrow(), material.chain().toArray(X509Certificate[]::new))
            .clientAuth(clientAuth(settings.clientCertificates()));
    return build(builder, settings.tls(), material);
  }

  private static ClientAuth clientAuth(ClientCertificates certificates) {
    return switch (certificates) {
      case NONE -> ClientAuth.NONE;
      case OPTIONAL -> ClientAuth.OPTIONAL;
      case REQUIRED -> ClientAuth.REQUIRE;
    };
  }

  static SslContext forNodes(NodeTls settings) throws IOException {
    TlsMaterial material = settings.tls().load();
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .endpointIdentificationAlgorithm(settings.verifyHostname() ? "HTTPS" : "");
    if (material.key().isPresent()) {
      PrivateKey key = material.key().get();
      builder.keyManager(key, material.chain().toArray(X509Certificate[]::new));
    }
    return build(builder, settings.tls(), material);
  }

  /** BoringSSL signs no handshake with a key of other kinds; Java's TLS does. */
  private static SslProvider providerFor(TlsMaterial material) {
    return material.key().map(key -> OF_OPENSSL.contains(key.getAlgorithm())).orElse(true)
        ? PROVIDER
        : SslProvider.JDK;
  }

  private static SslContext build(
      SslContextBuilder builder, TlsSettings settings, TlsMaterial material) throws IOException {
    builder.sslProvider(providerFor(material)).protocols(settings.protocols());
    if (!material.authorities().isEmpty()) {
      builder.trustManager(material.authorities().toArray(X509Certificate[]::new));
    }
    if (!settings.ciphers().isEmpty()) {
      builder.ciphers(settings.ciphers());
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException wrong) { // a cipher that the library does not have
      throw new IOException(wrong.getMessage(), wrong);
    }
  }
}
