package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.TlsMaterial;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS for one question to a node, blocking, with Java's own means: what `check` needs to know is
 * whether the files and the node fit.
 */
final class ProbeTls implements ByteChannel {
  private static final char[] NO_PASSWORD = new char[0];

  private final SSLSocket socket;
  private final ReadableByteChannel in;
  private final WritableByteChannel out;

  private ProbeTls(SSLSocket socket) throws IOException {
    this.socket = socket;
    in = Channels.newChannel(socket.getInputStream());
    out = Channels.newChannel(socket.getOutputStream());
  }

  /** Does the handshake on a connection to {@code node}. */
  static ProbeTls over(SocketChannel channel, Address.Tcp node, NodeTls settings)
      throws IOException {
    String host = settings.serverName().orElse(node.host());
    SSLSocket socket =
        (SSLSocket)
            context(settings.tls().load())
                .getSocketFactory()
                .createSocket(channel.socket(), host, node.port(), true);
    socket.setEnabledProtocols(settings.tls().protocols().toArray(String[]::new));
    SSLParameters parameters = socket.getSSLParameters();
    if (settings.verifyHostname()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (!settings.tls().ciphers().isEmpty()) {
      parameters.setCipherSuites(settings.tls().ciphers().toArray(String[]::new));
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return new ProbeTls(socket);
  }

  private static SSLContext context(TlsMaterial material) throws IOException {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore identity = store();
      if (material.key().isPresent()) {
        identity.setKeyEntry(
            "proxy",
            material.key().get(),
            NO_PASSWORD,
            material.chain().toArray(Certificate[]::new));
      }
      keys.init(identity, NO_PASSWORD);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      KeyStore trusted = store();
      int number = 0;
      for (X509Certificate authority : material.authorities()) {
        trusted.setCertificateEntry("authority" + number++, authority);
      }
      trust.init(number == 0 ? null : trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException wrong) {
      throw new IOException(wrong.getMessage(), wrong);
    }
  }

  private static KeyStore store() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return in.read(to);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return out.write(from);
  }

  @Override
  public boolean isOpen() {
    return !socket.isClosed();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
