package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of both sides of a pool.
 *
 * @param ofClients null: they speak none
 * @param ofNodes null: they speak none
 */
record PoolCertificates(@Nullable WatchedTls ofClients, @Nullable WatchedTls ofNodes) {

  /** What the log adds to where the pool listens. */
  String listening() {
    return ofClients == null ? "" : " with TLS (" + ofClients.provider() + ")";
  }

  /**
   * Makes what settings ask for.
   *
   * @param clients what to use towards clients instead of making it
   * @param nodes the same towards nodes
   * @throws IOException if that cannot be done; the message names the pool
   */
  static PoolCertificates of(
      PoolSettings settings, @Nullable WatchedTls clients, @Nullable WatchedTls nodes)
      throws IOException {
    WatchedTls towardsClients = clients;
    if (towardsClients == null && settings.tls().clients().isPresent()) {
      towardsClients = WatchedTls.forClients(settings.name(), settings.tls().clients().get());
    }
    WatchedTls towardsNodes = nodes;
    if (towardsNodes == null && settings.tls().nodes().isPresent()) {
      try {
        towardsNodes = WatchedTls.forNodes(settings.name(), settings.tls().nodes().get());
      } catch (IOException wrong) {
        if (towardsClients != null && clients == null) {
          towardsClients.close();
        }
        throw wrong;
      }
    }
    return new PoolCertificates(towardsClients, towardsNodes);
  }

  /** What a client's connection is encrypted with; null: with nothing. */
  @Nullable Function<ByteBufAllocator, SslHandler> accepting() {
    WatchedTls tls = ofClients;
    return tls == null ? null : tls::accepting;
  }

  /** A unix socket does not leave the machine, and Redis speaks no TLS there. */
  NodeAddress secured(NodeAddress plain, Address address, Optional<String> serverName) {
    WatchedTls tls = ofNodes;
    if (tls == null || !(address instanceof Address.Tcp tcp)) {
      return plain;
    }
    return new SecureNodeAddress(plain, tls, serverName.orElse(tcp.host()), tcp.port());
  }

  /** Publishes how they do, instead of what a pool had before. */
  void publish(String pool, MetricsRegistry metrics) {
    metrics.removeTls(pool);
    states(pool).forEach(state -> metrics.addTls(pool, state.side(), state.state()));
  }

  /** How they do; empty if no side speaks TLS. */
  List<CertificateState> states(String pool) {
    List<CertificateState> states = new ArrayList<>();
    if (ofClients != null) {
      states.add(new CertificateState(pool, "clients", ofClients.state()));
    }
    if (ofNodes != null) {
      states.add(new CertificateState(pool, "nodes", ofNodes.state()));
    }
    return states;
  }

  /** Looks whether files have changed. */
  void look() {
    if (ofClients != null) {
      ofClients.look();
    }
    if (ofNodes != null) {
      ofNodes.look();
    }
  }

  /** Closes what {@code others} do not have, too. */
  void closeBut(PoolCertificates others) {
    if (ofClients != null && ofClients != others.ofClients) {
      ofClients.close();
    }
    if (ofNodes != null && ofNodes != others.ofNodes) {
      ofNodes.close();
    }
  }

  void close() {
    closeBut(new PoolCertificates(null, null));
  }
}
