package io.cashew.proxy.testing;

import io.cashew.proxy.config.ClientCertificates;
import io.cashew.proxy.config.ListenerTls;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolTls;
import io.cashew.proxy.config.TlsIdentity;
import io.cashew.proxy.config.TlsSettings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** An authority and the certificates that it has given, as files of a directory. */
public final class TestCertificates {
  /** Versions that are on by default. */
  public static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

  private final Path directory;
  private final X509Bundle authority;

  /** Makes an authority, and its certificate as {@code ca.pem}. */
  public TestCertificates(Path directory) {
    this.directory = directory;
    try {
      authority =
          new CertificateBuilder()
              .subject("CN=authority of a test")
              .setIsCertificateAuthority(true)
              .ecp256()
              .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    write("ca.pem", authority.getCertificatePEM());
  }

  private void write(String name, String text) {
    try {
      Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Gives a certificate for 127.0.0.1 and localhost, as {@code name.pem} and {@code name.key}. */
  public X509Bundle issue(String name) {
    return issue(name, Instant.now().plus(Duration.ofDays(365)), "localhost");
  }

  /** Gives a certificate that ends at a time and names a host, besides 127.0.0.1. */
  public X509Bundle issue(String name, Instant end, String host) {
    return issue(name, end, host, Algorithm.ecp256);
  }

  /** Gives a certificate of a key of some kind, for 127.0.0.1 and localhost. */
  public X509Bundle issue(String name, Algorithm kind) {
    return issue(name, Instant.now().plus(Duration.ofDays(365)), "localhost", kind);
  }

  private X509Bundle issue(String name, Instant end, String host, Algorithm kind) {
    try {
      X509Bundle issued =
          new CertificateBuilder()
              .subject("CN=" + name)
              .addSanDnsName(host)
              .addSanIpAddress(InetAddress.getLoopbackAddress())
              .notBefore(Instant.now().minus(Duration.ofDays(1)))
              .notAfter(end)
              .algorithm(kind)
              .buildIssuedBy(authority);
      write(name + ".pem", issued.getCertificatePEM());
      write(name + ".key", issued.getPrivateKeyPEM());
      return issued;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A file of the directory. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  private TlsSettings settings(Optional<String> identity, boolean ca) {
    return new TlsSettings(
        identity.map(
            name -> new TlsIdentity(file(name + ".pem"), file(name + ".key"), Optional.empty())),
        ca ? Optional.of(file("ca.pem")) : Optional.empty(),
        PROTOCOLS,
        List.of());
  }

  /** TLS towards clients, with an identity that was issued. */
  public ListenerTls listener(String identity, ClientCertificates asked) {
    return new ListenerTls(
        settings(Optional.of(identity), asked != ClientCertificates.NONE), asked);
  }

  /** TLS towards nodes that have certificates of this authority. */
  public NodeTls nodes(Optional<String> identity, Optional<String> serverName) {
    return new NodeTls(settings(identity, true), true, serverName);
  }

  /** Towards clients only. */
  public PoolTls towardsClients(String identity) {
    return new PoolTls(Optional.of(listener(identity, ClientCertificates.NONE)), Optional.empty());
  }

  /** What trusts this authority. */
  public SSLContext client(@Nullable X509Bundle identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys = identity == null ? null : identity.toKeyManagerFactory().getKeyManagers();
      context.init(keys, new TrustManager[] {authority.toTrustManager()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A store that trusts this authority; its password is {@code changeit}. */
  public Path trustStore() {
    Path file = file("ca.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("authority", authority.getCertificate());
      store.store(out, "changeit".toCharArray());
      return file;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A connection over TLS to 127.0.0.1; the handshake is for the caller to begin. */
  public SSLSocket connect(int port, @Nullable X509Bundle identity, String... protocols) {
    try {
      Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
      SSLSocket socket =
          (SSLSocket)
              client(identity).getSocketFactory().createSocket(plain, "localhost", port, true);
      socket.setSoTimeout(10_000);
      socket.setSoLinger(true, 10); // else close() waits for a write that nobody reads
      if (protocols.length > 0) {
        socket.setEnabledProtocols(protocols);
      }
      return socket;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
