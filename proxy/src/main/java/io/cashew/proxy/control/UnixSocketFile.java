package io.cashew.proxy.control;

import io.cashew.proxy.config.Address;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file of a listener's unix socket. */
final class UnixSocketFile {
  private UnixSocketFile() {}

  /**
   * Makes way for a socket: bind(2) refuses a path that exists, also after a crash. Where somebody
   * answers there is nothing to clear away.
   *
   * @return the path; null for a TCP address
   * @throws IOException if another program listens there, or that cannot be found out
   */
  static @Nullable Path before(Address address) throws IOException {
    if (!(address instanceof Address.Unix unix)) {
      return null;
    }
    Path path = Path.of(unix.path());
    if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)) {
      if (somebodyAnswers(path)) {
        throw new IOException(
            "cannot listen on "
                + address.text()
                + ": another program does; stop it, or choose another path");
      }
      Files.delete(path);
    }
    return path;
  }

  /** Whether a program listens on a socket: a file that one has left behind refuses. */
  private static boolean somebodyAnswers(Path path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException refused) {
      return false;
    }
  }

  /** Sets the permissions that the configuration asks for. */
  static void after(Address address) throws IOException {
    if (address instanceof Address.Unix unix && unix.mode() != 0) {
      Files.setPosixFilePermissions(Path.of(unix.path()), permissions(unix.mode()));
    }
  }

  /** The nine bits of a mode, from the owner's read to the others' execute. */
  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int i = 0; i < all.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        set.add(all[i]);
      }
    }
    return set;
  }
}
