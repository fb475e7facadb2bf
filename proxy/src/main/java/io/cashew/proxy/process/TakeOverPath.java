package io.cashew.proxy.process;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.TakeOverSocket;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/** Where the unix socket is at which listeners are handed over, and whose it may be. */
final class TakeOverPath {
  private TakeOverPath() {}

  /**
   * The path that the settings ask for. The directory of one that is named by itself is made if it
   * is not there.
   *
   * @param environment of the process
   * @return empty: there is to be none
   * @throws IOException if that directory cannot be made, or another user may write to it
   */
  static Optional<Path> of(Settings settings, Map<String, String> environment) throws IOException {
    TakeOverSocket socket = settings.takeOverSocket();
    return switch (socket.place()) {
      case OFF -> Optional.empty();
      case FILE -> Optional.of(Path.of(socket.path()));
      case AUTO -> Optional.of(directory(environment).resolve(name(settings)));
    };
  }

  /** Two processes of one machine have different admin addresses, or else different pools. */
  private static String name(Settings settings) {
    Address address = settings.admin().listen().orElseGet(() -> firstListener(settings));
    return "take-over-" + address.text().replaceAll("[^A-Za-z0-9.-]", "_") + ".sock";
  }

  private static Address firstListener(Settings settings) {
    return settings.pools().stream()
        .filter(PoolSettings::listens)
        .map(PoolSettings::listen)
        .findFirst()
        .orElse(Address.NOWHERE);
  }

  private static Path directory(Map<String, String> environment) throws IOException {
    for (String name : new String[] {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"}) {
      String value = environment.getOrDefault(name, "");
      // systemd writes several directories with colons between them.
      String first = value.split(":", 2)[0];
      if (!first.isEmpty() && Files.isWritable(Path.of(first))) {
        return Path.of(first);
      }
    }
    return ownDirectory(Path.of("/tmp", "cashew-" + ownUser()));
  }

  /** In a directory that all may write to, the name may be somebody else's. */
  private static Path ownDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException thereAlready) {
      boolean mine =
          Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
              && userOf(directory) == ownUser()
              && PosixFilePermissions.toString(
                      Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS))
                  .equals("rwx------");
      if (!mine) {
        throw new IOException(
            directory
                + " is not a directory of this user alone: remove it, or name another place with"
                + " take-over.socket",
            thereAlready);
      }
    }
    return directory;
  }

  /** The number of the user that this process runs as. */
  static int ownUser() throws IOException {
    return userOf(Path.of("/proc/self"));
  }

  private static int userOf(Path file) throws IOException {
    LinkOption[] options =
        file.startsWith("/proc") ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
    return (Integer) Files.getAttribute(file, "unix:uid", options);
  }
}
