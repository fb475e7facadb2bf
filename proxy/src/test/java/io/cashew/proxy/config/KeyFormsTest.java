package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TestCertificates;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ntt.NTTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.util.PBKDF2Config;
import org.bouncycastle.crypto.util.PBKDFConfig;
import org.bouncycastle.crypto.util.ScryptConfig;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptor;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as `openssl genrsa -traditional`, `openssl ecparam -genkey` and controllers write them. */
final class KeyFormsTest {
  private final Path directory;

  KeyFormsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static PrivateKey key(String algorithm, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    return generator.generateKeyPair().getPrivate();
  }

  /** One of an elliptic curve names its curve in SEC 1, as OpenSSL and Go write it. */
  private static Object object(PrivateKey key) throws IOException {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    if (!(key instanceof ECPrivateKey curve)) {
      return info;
    }
    ASN1Object named =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
            curve.getParams().getOrder().bitLength(),
            curve.getS(),
            info.getPrivateKeyAlgorithm().getParameters());
    return new PrivateKeyInfo(info.getPrivateKeyAlgorithm(), named);
  }

  /** In the form that was before PKCS #8, encrypted with the word secret if a cipher is named. */
  private static String old(PrivateKey key, @Nullable String cipher) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      if (cipher == null) {
        writer.writeObject(object(key));
      } else {
        PEMEncryptor encryptor =
            new JcePEMEncryptorBuilder(cipher)
                .setProvider(new BouncyCastleProvider())
                .build("secret".toCharArray());
        writer.writeObject(object(key), encryptor);
      }
    }
    return text.toString();
  }

  private PrivateKey read(String text, Optional<Secret> password) throws Exception {
    return Pem.privateKey(Files.writeString(directory.resolve("old.key"), text), password);
  }

  private String refusal(String text, Optional<Secret> password) {
    return assertThrows(BadValue.class, () -> read(text, password)).text();
  }

  private static void assertSame(PrivateKey key, PrivateKey read) {
    if (key instanceof RSAPrivateKey rsa) {
      assertEquals(rsa.getPrivateExponent(), ((RSAPrivateKey) read).getPrivateExponent());
    } else {
      assertEquals(((ECPrivateKey) key).getS(), ((ECPrivateKey) read).getS());
    }
  }

  @ParameterizedTest
  @CsvSource({"RSA, 2048", "EC, 256", "EC, 384", "EC, 521"})
  void areRead(String algorithm, int bits) throws Exception {
    PrivateKey key = key(algorithm, bits);
    String text = old(key, null);
    assertTrue(text.startsWith("-----BEGIN " + algorithm + " PRIVATE KEY-----"), text);
    assertSame(key, read(text, Optional.empty()));
    assertSame(key, read(text.replace("\n", "\r\n"), Optional.empty()));
    String parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    assertSame(key, read("a comment\n" + parameters + text, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AES-128-CBC", "AES-256-CBC", "DES-EDE3-CBC"})
  void areReadWithTheirPassword(String cipher) throws Exception {
    for (PrivateKey key : new PrivateKey[] {key("RSA", 2048), key("EC", 256)}) {
      String text = old(key, cipher);
      assertTrue(text.contains("Proc-Type: 4,ENCRYPTED"), text);
      assertSame(key, read(text, Optional.of(new Secret("secret"))));
      assertTrue(refusal(text, Optional.empty()).contains("is encrypted: write key-password too"));
      assertTrue(
          refusal(text, Optional.of(new Secret("wrong"))).contains("is key-password right?"));
    }
  }

  /** Of a throw-away key, by `openssl ec -aes128` in a terminal of UTF-8. */
  @Test
  void areReadWithAPasswordOfAnyCharacters() throws Exception {
    PrivateKey key =
        read(
            """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIAVsQwr9ng8rJOtANka71REQaVGSAUEIXUSWKp3MaDKyoAoGCCqGSM49
            AwEHoUQDQgAEbOXpjjzDQajC010o63bUxZdZRiJQpvQ3EeCEJCC1jZIeXaFZiJ2Y
            WQLJUWoanx+xRJqEyrI46mDDHQ/wnTPQIg==
            -----END EC PRIVATE KEY-----
            """,
            Optional.empty());
    String encrypted =
        """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,2AAB05BED601177D665C553E3AA533CC

        kpAPPZaJCYk7w5vWRX0yalIU1BhD7p7gRrbhO7DHlu4xJ9nDkeB3FLDRCgKQdYDy
        mFl5y6b7rQ8319Cpr7t4OyX8ek94XmI7WiGJxk/IruMkYISHePWDOMuBJKUdslCT
        taYN3oRzhFX+PRWAhJut/h2CZKsKuQP4FkywKuZtmCI=
        -----END EC PRIVATE KEY-----
        """;
    Secret password = new Secret("p\u00e4sswort \u20ac");
    assertSame(key, read(encrypted, Optional.of(password)));
  }

  /** PKCS #8 encrypted with the word secret. */
  private static String encrypted(PrivateKey key, OutputEncryptor with) throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(new JcaPKCS8Generator(key, with));
    }
    return text.toString();
  }

  private static OutputEncryptor derived(PBKDFConfig by, ASN1ObjectIdentifier cipher)
      throws Exception {
    return new JcePKCSPBEOutputEncryptorBuilder(by, cipher)
        .setProvider(new BouncyCastleProvider())
        .build("secret".toCharArray());
  }

  private static OutputEncryptor openssl(ASN1ObjectIdentifier cipher) throws Exception {
    return new JceOpenSSLPKCS8EncryptorBuilder(cipher)
        .setProvider(new BouncyCastleProvider())
        .setPassword("secret".toCharArray())
        .build();
  }

  /** As `openssl pkcs8 -topk8` writes them with -v2 of several ciphers, with -scrypt and -v1. */
  static Stream<Named<OutputEncryptor>> ciphers() throws Exception {
    PBKDFConfig pbkdf2 = new PBKDF2Config.Builder().withIterationCount(2048).build();
    PBKDFConfig scrypt = new ScryptConfig.Builder(1024, 8, 1).withSaltLength(16).build();
    return Stream.of(
        Named.of("AES-256", openssl(PKCS8Generator.AES_256_CBC)),
        Named.of("AES-128", openssl(PKCS8Generator.AES_128_CBC)),
        Named.of("3DES", openssl(PKCS8Generator.DES3_CBC)),
        Named.of("3DES of PKCS #12", openssl(PKCS8Generator.PBE_SHA1_3DES)),
        Named.of("scrypt", derived(scrypt, NISTObjectIdentifiers.id_aes256_CBC)),
        Named.of("Camellia", derived(pbkdf2, NTTObjectIdentifiers.id_camellia256_cbc)));
  }

  @ParameterizedTest
  @MethodSource("ciphers")
  void ofPkcs8AreReadWithTheirPassword(OutputEncryptor cipher) throws Exception {
    for (PrivateKey key : new PrivateKey[] {key("RSA", 2048), key("EC", 256)}) {
      String text = encrypted(key, cipher);
      assertTrue(text.contains("BEGIN ENCRYPTED PRIVATE KEY"), text);
      assertSame(key, read(text, Optional.of(new Secret("secret"))));
      assertTrue(refusal(text, Optional.empty()).contains("is encrypted: write key-password too"));
      assertTrue(
          refusal(text, Optional.of(new Secret("wrong"))).contains("is key-password right?"));
    }
  }

  @Test
  void ofPkcs8WithAnotherCipherAreRefusedWithTheCure() throws Exception {
    byte[] unknown =
        new EncryptedPrivateKeyInfo(
                new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.3.4.5")), new byte[16])
            .getEncoded();
    String text =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(unknown)
            + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
    String refusal = refusal(text, Optional.of(new Secret("secret")));
    assertTrue(refusal.contains("'openssl pkcs8 -topk8 -v2 aes-256-cbc'"), refusal);
  }

  @Test
  void withoutTheirCurveAreRefused() throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(key("EC", 256)); // as Java has it, whose curve is outside
    }
    assertTrue(
        refusal(text.toString(), Optional.empty()).contains("does not name its curve"),
        text.toString());
  }

  @Test
  void areAPoolsKey() throws Exception {
    X509Bundle proxy = new TestCertificates(directory).issue("proxy");
    Files.writeString(directory.resolve("proxy.key"), old(proxy.getKeyPair().getPrivate(), null));
    Path file =
        Files.writeString(
            directory.resolve("cashew.conf"),
            "cashew.pools.p { listen = \"127.0.0.1:1\", nodes = [ \"127.0.0.1:2\" ]\n"
                + " tls { certificate = proxy.pem, key = proxy.key } }");
    assertTrue(ConfigFile.read(file).pools().get(0).tls().clients().isPresent());
  }

  @Test
  void ofAKindThatTlsHasNoUseForAreRefused() {
    assertTrue(
        refusal(
                "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n",
                Optional.empty())
            .contains("a DSA key, which TLS no longer uses"));
    assertEquals(
        "'" + directory.resolve("old.key") + "' has a key that cannot be read: ",
        refusal(
                "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
                Optional.empty())
            .replaceFirst("(?<=be read: ).*", ""));
  }
}
