package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TestCertificates;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sections tls and node-tls of a pool, and the files that they name. */
final class TlsReaderTest {
  private final Path directory;
  private final X509Bundle proxy;

  TlsReaderTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    TestCertificates certificates = new TestCertificates(directory);
    proxy = certificates.issue("proxy");
    certificates.issue("other");
    Files.writeString(directory.resolve("empty.pem"), "nothing\n");
    Files.writeString(
        directory.resolve("old.key"),
        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    Files.writeString(
        directory.resolve("both.pem"), proxy.getCertificatePEM() + proxy.getPrivateKeyPEM());
  }

  private Settings read(String line) throws IOException, ConfigException {
    Path file =
        Files.writeString(
            directory.resolve("cashew.conf"),
            "cashew.pools.p {\n listen = \"127.0.0.1:1\"\n nodes = [ \"127.0.0.1:2\" ]\n "
                + line
                + "\n}\n");
    return HoconReader.read(file);
  }

  private PoolTls tls(String line) throws IOException, ConfigException {
    return read(line).pools().get(0).tls();
  }

  @Test
  void relativePathBeginsBesideTheFile() throws Exception {
    ListenerTls clients =
        tls("tls { certificate = proxy.pem, key = proxy.key }").clients().orElseThrow();
    TlsIdentity identity = clients.tls().identity().orElseThrow();
    assertEquals(directory.resolve("proxy.pem"), identity.certificate());
    assertEquals(directory.resolve("proxy.key"), identity.key());
    assertEquals(List.of("TLSv1.2", "TLSv1.3"), clients.tls().protocols());
    assertEquals(List.of(), clients.tls().ciphers());
    assertEquals(ClientCertificates.NONE, clients.clientCertificates());
  }

  @Test
  void certificateAndKeyMayShareAFile() throws Exception {
    assertTrue(tls("tls { certificate = both.pem, key = both.pem }").clients().isPresent());
  }

  @Test
  void everyKeyIsRead() throws Exception {
    PoolTls tls =
        tls(
            "tls { certificate = proxy.pem, key = proxy.key, ca = ca.pem, client-auth = required,"
                + " protocols = [TLSv1.3], ciphers = [TLS_AES_128_GCM_SHA256] }\n"
                + " node-tls { ca = ca.pem, certificate = other.pem, key = other.key,"
                + " verify-hostname = false, server-name = redis.test, protocols = [TLSv1.2] }");
    ListenerTls clients = tls.clients().orElseThrow();
    assertEquals(ClientCertificates.REQUIRED, clients.clientCertificates());
    assertEquals(Optional.of(directory.resolve("ca.pem")), clients.tls().ca());
    assertEquals(List.of("TLSv1.3"), clients.tls().protocols());
    assertEquals(List.of("TLS_AES_128_GCM_SHA256"), clients.tls().ciphers());
    NodeTls nodes = tls.nodes().orElseThrow();
    assertFalse(nodes.verifyHostname());
    assertEquals(Optional.of("redis.test"), nodes.serverName());
    assertEquals(List.of("TLSv1.2"), nodes.tls().protocols());
  }

  @Test
  void nodeTlsIsOffWithoutItsSectionAndByItsSwitch() throws Exception {
    assertEquals(PoolTls.NONE, tls(""));
    assertTrue(tls("node-tls.enabled = true").nodes().isPresent());
    assertTrue(tls("node-tls.ca = ca.pem").nodes().isPresent());
    assertEquals(PoolTls.NONE, tls("node-tls { enabled = false, ca = ca.pem }"));
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    Settings settings =
        read(
            "tls { certificate = proxy.pem, key = proxy.key, ca = ca.pem, client-auth = optional }"
                + "\n node-tls { ca = ca.pem, verify-hostname = no, ciphers ="
                + " [TLS_AES_128_GCM_SHA256] }");
    assertEquals(settings, HoconReader.read(HoconWriter.write(settings), "written.conf"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tls { certificate = proxy.pem } | tls.key | is missing: TLS needs",
        "tls { key = proxy.key } | tls.certificate | is missing: TLS needs",
        "tls.client-auth = none | tls.certificate | is missing: TLS needs",
        "tls { certificate = no.pem, key = proxy.key } | tls.certificate | there is no file '",
        "tls { certificate = empty.pem, key = proxy.key } | tls.certificate | has no certificate",
        "tls { certificate = proxy.pem, key = empty.pem } | tls.key | has no private key",
        "tls { certificate = proxy.pem, key = old.key } | tls.key | has a key that cannot be read",
        "tls { certificate = proxy.pem, key = other.key } | tls.key | is not the key of the",
        "tls { certificate = proxy.pem, key = proxy.key, client-auth = required } | tls.client-auth"
            + " | needs tls.ca",
        "tls { certificate = proxy.pem, key = proxy.key, ca = ca.pem } | tls.ca | has no use while",
        "tls { certificate = proxy.pem, key = proxy.key, client-auth = must } | tls.client-auth |"
            + " known: none optional required",
        "tls { certificate = proxy.pem, key = proxy.key, protocols = [TLSv1.1] } | tls.protocols |"
            + " unknown protocol 'TLSv1.1', did you mean 'TLSv1.2'?",
        "tls { certificate = proxy.pem, key = proxy.key, protocols = [] } | tls.protocols | is"
            + " empty",
        "tls { certificate = proxy.pem, key = proxy.key, ciphers = [TLS_AES_128_GCM_SHA257] } |"
            + " tls.ciphers | did you mean 'TLS_AES_128_GCM_SHA256'?",
        "tls { certificate = proxy.pem, key = proxy.key, ciphers = x } | tls.ciphers | must be a"
            + " list",
        "tls { certificat = proxy.pem } | tls.certificat | did you mean 'tls.certificate'?",
        "node-tls { certificate = proxy.pem } | node-tls.key | is missing",
        "node-tls { ca = no.pem } | node-tls.ca | there is no file '",
        "node-tls { enabled = true, key-password = x } | node-tls.key-password | has no use",
      })
  void mistakeIsNamedWithLineAndKey(String line, String key, String words) {
    ConfigException wrong = assertThrows(ConfigException.class, () -> read(line));
    ConfigProblem problem = wrong.problems().get(0);
    assertEquals("cashew.pools.p." + key, problem.key(), wrong.getMessage());
    assertEquals(4, problem.line(), wrong.getMessage());
    assertTrue(problem.text().contains(words), wrong.getMessage());
  }

  @Test
  void unixSocketHasNoTls() {
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                HoconReader.read(
                    "cashew.pools.p { listen = \"unix:/a\", nodes = [ \"unix:/b\" ], tls {"
                        + " certificate = \""
                        + directory.resolve("proxy.pem")
                        + "\", key = \""
                        + directory.resolve("proxy.key")
                        + "\" } }",
                    "cashew.conf"));
    assertTrue(wrong.getMessage().contains("has no use with a unix socket"), wrong.getMessage());
  }

  @Test
  void keyOnACurveThatTlsDoesNotUseIsRefused() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
    generator.initialize(new ECGenParameterSpec("secp256k1"));
    try (JcaPEMWriter pem =
        new JcaPEMWriter(Files.newBufferedWriter(directory.resolve("proxy.key")))) {
      pem.writeObject(new JcaPKCS8Generator(generator.generateKeyPair().getPrivate(), null));
    }
    ConfigException wrong =
        assertThrows(
            ConfigException.class, () -> read("tls { certificate = proxy.pem, key = proxy.key }"));
    assertTrue(
        wrong.getMessage().contains("has a key on the curve secp256k1")
            && wrong.getMessage().contains("make one on P-256, P-384 or P-521"),
        wrong.getMessage());
  }

  @Test
  void encryptedKeyNeedsItsPassword() throws Exception {
    try (JcaPEMWriter pem =
        new JcaPEMWriter(Files.newBufferedWriter(directory.resolve("hidden.key")))) {
      pem.writeObject(
          new JcaPKCS8Generator(
              proxy.getKeyPair().getPrivate(),
              new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                  .setProvider(new BouncyCastleProvider())
                  .setPRF(PKCS8Generator.PRF_HMACSHA256)
                  .setPassword("swordfish".toCharArray())
                  .build()));
    }
    String line = "tls { certificate = proxy.pem, key = hidden.key%s }";
    assertTrue(tls(line.formatted(", key-password = swordfish")).clients().isPresent());
    assertTrue(
        assertThrows(ConfigException.class, () -> read(line.formatted("")))
            .getMessage()
            .contains("is encrypted: write key-password too"));
    assertTrue(
        assertThrows(ConfigException.class, () -> read(line.formatted(", key-password = herring")))
            .getMessage()
            .contains("is key-password right?"));
  }
}
