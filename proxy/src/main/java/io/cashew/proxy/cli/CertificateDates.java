package io.cashew.proxy.cli;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.TlsMaterial;
import io.cashew.proxy.config.TlsSettings;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What {@code cashew check} says of certificates that are past their time, or soon will be. */
final class CertificateDates {
  private static final Duration SOON = Duration.ofDays(30);

  private CertificateDates() {}

  /** The warnings of a pool, without its name. */
  static List<String> warnings(PoolSettings pool, Instant now) {
    List<String> warnings = new ArrayList<>();
    pool.tls().clients().ifPresent(clients -> add(warnings, "tls", clients.tls(), now));
    pool.tls().nodes().ifPresent(nodes -> add(warnings, "node-tls", nodes.tls(), now));
    return warnings;
  }

  private static void add(List<String> warnings, String section, TlsSettings tls, Instant now) {
    TlsMaterial material;
    try {
      material = tls.load();
    } catch (IOException wrong) { // it was readable when the configuration was read
      warnings.add(section + " cannot be read again: " + wrong.getMessage());
      return;
    }
    material.chain().forEach(shown -> add(warnings, section + ".certificate", shown, now));
    material.authorities().forEach(trusted -> add(warnings, section + ".ca", trusted, now));
  }

  private static void add(
      List<String> warnings, String key, X509Certificate certificate, Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    String name = key + ": the certificate of '" + certificate.getSubjectX500Principal() + "' ";
    if (now.isBefore(begin)) {
      warnings.add(name + "is not valid before " + begin);
    } else if (now.isAfter(end)) {
      warnings.add(name + "has expired on " + end + ": peers will refuse it");
    } else if (now.plus(SOON).isAfter(end)) {
      warnings.add(
          name + "expires on " + end + ", in " + ChronoUnit.DAYS.between(now, end) + " days");
    }
  }
}
