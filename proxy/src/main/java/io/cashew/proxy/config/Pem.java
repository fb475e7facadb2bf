package io.cashew.proxy.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and keys from PEM files (RFC 7468): text outside the blocks is ignored, as
 * OpenSSL does. Errors name the file, since a reload has no line of a configuration to point at.
 */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final Set<String> CERTIFICATE =
      Set.of("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
  private static final List<String> CURVES_OF_TLS = List.of("secp256r1", "secp384r1", "secp521r1");
  private static final long LARGEST = 4 << 20;

  private Pem() {}

  /**
   * One block.
   *
   * @param text from its BEGIN to its END
   */
  private record Block(String label, byte[] bytes, String text) {}

  private static List<Block> blocks(Path file) throws BadValue {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw new BadValue("'" + file + "' is a directory, not a PEM file");
      }
      if (Files.size(file) > LARGEST) {
        throw new BadValue("'" + file + "' is too large for a PEM file");
      }
      text = Files.readString(file, ISO_8859_1);
    } catch (NoSuchFileException missing) {
      throw new BadValue("there is no file '" + file + "'");
    } catch (IOException wrong) {
      throw new BadValue("'" + file + "' cannot be read: " + wrong);
    }
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      // Headers, of which keys encrypted the old way have some, end at an empty line.
      String body = matcher.group(2).replace("\r", "");
      int headersEnd = body.contains(":") ? body.indexOf("\n\n") : -1;
      try {
        byte[] bytes =
            Base64.getMimeDecoder().decode(body.substring(headersEnd + 1).getBytes(US_ASCII));
        blocks.add(new Block(matcher.group(1), bytes, matcher.group()));
      } catch (IllegalArgumentException notBase64) {
        throw new BadValue("'" + file + "' has a " + matcher.group(1) + " that is not Base64");
      }
    }
    return blocks;
  }

  /** All certificates of a file, at least one. */
  static List<X509Certificate> certificates(Path file) throws BadValue {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(file)) {
      if (CERTIFICATE.contains(block.label())) {
        try {
          certificates.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.bytes())));
        } catch (CertificateException wrong) {
          throw new BadValue(
              "'" + file + "' has a certificate that cannot be read: " + wrong.getMessage());
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new BadValue("'" + file + "' has no certificate: it must be PEM (BEGIN CERTIFICATE)");
    }
    return certificates;
  }

  /** The first private key of a file. */
  static PrivateKey privateKey(Path file, Optional<Secret> password) throws BadValue {
    for (Block block : blocks(file)) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return key(file, new PKCS8EncodedKeySpec(block.bytes()));
        }
        case "ENCRYPTED PRIVATE KEY" -> {
          return key(file, KeyForms.decrypted(file, block.bytes(), password));
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
          return key(file, KeyForms.older(file, block.text(), password));
        }
        case "DSA PRIVATE KEY" ->
            throw new BadValue("'" + file + "' has a DSA key, which TLS no longer uses: RSA or EC");
        default -> {} // certificates may stand in the same file
      }
    }
    throw new BadValue("'" + file + "' has no private key: it must be PEM (BEGIN PRIVATE KEY)");
  }

  private static PrivateKey key(Path file, PKCS8EncodedKeySpec encoded) throws BadValue {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException another) {
        // The encoding names its algorithm, but Java wants to be told.
      } catch (GeneralSecurityException wrong) {
        throw new IllegalStateException("this Java has no " + algorithm, wrong);
      }
    }
    throw new BadValue("'" + file + "' has a key that is none of " + KEY_ALGORITHMS);
  }

  /** Signs with the one and verifies with the other. */
  static void requireMatch(PrivateKey key, X509Certificate certificate, TlsIdentity identity)
      throws BadValue {
    requireCurveOfTls(key, identity);
    boolean match;
    try {
      byte[] sample = "cashew".getBytes(US_ASCII);
      Signature signing = signature(key);
      signing.initSign(key);
      signing.update(sample);
      byte[] signed = signing.sign();
      Signature verifying = signature(key);
      verifying.initVerify(certificate.getPublicKey());
      verifying.update(sample);
      match = verifying.verify(signed);
    } catch (GeneralSecurityException differentKinds) {
      match = false;
    }
    if (!match) {
      throw new BadValue(
          "'"
              + identity.key()
              + "' is not the key of the certificate in '"
              + identity.certificate()
              + "'");
    }
  }

  private static Signature signature(PrivateKey key) throws GeneralSecurityException {
    switch (key.getAlgorithm()) {
      case "RSA" -> {
        return Signature.getInstance("SHA256withRSA");
      }
      case "EC" -> {
        return Signature.getInstance("SHA256withECDSA");
      }
      case "RSASSA-PSS" -> {
        Signature pss = Signature.getInstance("RSASSA-PSS");
        pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        return pss;
      }
      default -> {
        return Signature.getInstance(key.getAlgorithm());
      }
    }
  }

  /** TLS 1.3 names three curves for signatures (RFC 8446, 4.2.3), and no peer takes others. */
  private static void requireCurveOfTls(PrivateKey key, TlsIdentity identity) throws BadValue {
    if (key instanceof ECKey curve && !isOfTls(curve.getParams())) {
      throw new BadValue(
          "'"
              + identity.key()
              + "' has a key on the curve "
              + curve.getParams()
              + ", which TLS does not use: make one on P-256, P-384 or P-521");
    }
  }

  private static boolean isOfTls(ECParameterSpec params) {
    try {
      for (String name : CURVES_OF_TLS) {
        AlgorithmParameters known = AlgorithmParameters.getInstance("EC");
        known.init(new ECGenParameterSpec(name));
        ECParameterSpec of = known.getParameterSpec(ECParameterSpec.class);
        if (of.getCurve().equals(params.getCurve()) && of.getOrder().equals(params.getOrder())) {
          return true;
        }
      }
      return false;
    } catch (GeneralSecurityException wrong) {
      throw new IllegalStateException("this Java has none of " + CURVES_OF_TLS, wrong);
    }
  }
}
