package io.cashew.proxy.control;

import io.cashew.proxy.config.Address;
import java.io.IOException;
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
   * Makes way for a socket: bind(2) refuses a path that exists, also after a crash.
   *
   * @return the path; null for a TCP address
   */
  static @Nullable Path before(Address address) throws IOException {
    if (!(address instanceof Address.Unix unix)) {
      return null;
    }
    Path path = Path.of(unix.path());
    if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)) {
      Files.delete(path);
    }
    return path;
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
