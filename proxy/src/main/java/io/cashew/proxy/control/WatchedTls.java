package io.cashew.proxy.control;

import io.cashew.proxy.config.ListenerTls;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.TlsSettings;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.loop.Tls;
import io.cashew.proxy.metrics.TlsState;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one side of a pool, made anew when its files change. Connections that are open keep
 * what they began with. {@link #look} is the control thread's; every worker makes handlers. The
 * lock keeps a context from being freed while a handler is made of it: OpenSSL's are not Java's to
 * collect.
 */
final class WatchedTls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedTls.class);

  /** Makes a context of the files as they are now. */
  private interface Maker {
    SslContext make() throws IOException;
  }

  private final String name;
  private final TlsSettings settings;
  private final Maker maker;
  private SslContext context; // guarded by this
  private FileStamps stamps;
  private final TlsState state = new TlsState();

  private WatchedTls(String name, TlsSettings settings, Maker maker) throws IOException {
    this.name = name;
    this.settings = settings;
    this.maker = maker;
    stamps = FileStamps.of(settings.files());
    try {
      context = maker.make();
    } catch (IOException wrong) {
      throw new IOException(name + " cannot be used: " + wrong.getMessage(), wrong);
    }
  }

  /** Towards the clients of a pool. */
  static WatchedTls forClients(String pool, ListenerTls settings) throws IOException {
    return new WatchedTls(
        "tls of pool '" + pool + "'", settings.tls(), () -> TlsContexts.forClients(settings));
  }

  /** Towards the nodes of a pool. */
  static WatchedTls forNodes(String pool, NodeTls settings) throws IOException {
    return new WatchedTls(
        "node-tls of pool '" + pool + "'", settings.tls(), () -> TlsContexts.forNodes(settings));
  }

  /** Towards Sentinels. */
  static WatchedTls forSentinels(NodeTls settings) throws IOException {
    return new WatchedTls("sentinel.tls", settings.tls(), () -> TlsContexts.forNodes(settings));
  }

  /** What carries it. */
  synchronized String provider() {
    return TlsContexts.provider(context);
  }

  /** The handler for a client that connects. */
  synchronized SslHandler accepting(ByteBufAllocator allocator) {
    return Tls.accepting(context, allocator);
  }

  /** The handler for a connection to a node that is asked for {@code host}. */
  synchronized SslHandler connecting(ByteBufAllocator allocator, String host, int port) {
    return Tls.connecting(context, allocator, host, port);
  }

  /** A certificate that is past its time is worse than the former one, which may not be. */
  private void requireThatPeersTakeIt() throws IOException {
    for (X509Certificate shown : settings.load().chain()) {
      try {
        shown.checkValidity();
      } catch (CertificateException wrong) {
        throw new IOException(
            "the certificate of '"
                + shown.getSubjectX500Principal()
                + "' is valid from "
                + shown.getNotBefore().toInstant()
                + " to "
                + shown.getNotAfter().toInstant()
                + " only: peers would refuse it",
            wrong);
      }
    }
  }

  private synchronized void replace(SslContext fresh) {
    ReferenceCountUtil.release(context);
    context = fresh;
  }

  /** Frees it when the last connection that began with it has ended. No handler is made after. */
  @Override
  public synchronized void close() {
    ReferenceCountUtil.release(context);
  }

  /** Whether its files can be used as they are. */
  TlsState state() {
    return state;
  }

  /** Looks whether a file has changed. Files that cannot be used change nothing. */
  void look() {
    FileStamps now = FileStamps.of(settings.files());
    if (now.equals(stamps)) {
      return;
    }
    stamps = now; // before reading: what changes meanwhile is seen the next time
    try {
      requireThatPeersTakeIt();
      replace(maker.make());
      state.works();
      LOG.info(Events.CERTIFICATE, "{}: its files have changed, new connections use them", name);
    } catch (IOException | RuntimeException wrong) {
      state.failed(String.valueOf(wrong.getMessage()), System.currentTimeMillis());
      LOG.error(
          Events.CERTIFICATE,
          "{}: its files have changed and cannot be used, the former ones stay in use: {}",
          name,
          wrong.getMessage());
    }
  }
}
