package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the addresses of a configuration can be listened on, here and now. It binds without
 * listening, so that it takes no client from a proxy that runs; what is in use may well be that
 * proxy.
 */
final class BindProbe {
  private static final String IN_USE = " is in use";

  private BindProbe() {}

  /** What is said of each address that cannot be listened on. */
  static List<String> warnings(Settings settings) {
    List<String> warnings = new ArrayList<>();
    for (PoolSettings pool : settings.pools()) {
      problem(pool.listen())
          .ifPresent(
              problem ->
                  warnings.add("pool '" + pool.name() + "': listen " + problem + perhaps(problem)));
    }
    settings
        .admin()
        .listen()
        .flatMap(BindProbe::problem)
        .ifPresent(problem -> warnings.add("admin.listen " + problem + perhaps(problem)));
    return warnings;
  }

  private static String perhaps(String problem) {
    return problem.endsWith(IN_USE) ? ": by this proxy, if it runs" : "";
  }

  /** Why an address cannot be listened on here and now; empty if it can. */
  static Optional<String> problem(Address address) {
    if (address instanceof Address.Nowhere) {
      return Optional.empty();
    }
    return address instanceof Address.Unix unix
        ? unixProblem(Path.of(unix.path()))
        : tcpProblem((Address.Tcp) address);
  }

  private static Optional<String> tcpProblem(Address.Tcp address) {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(InetAddress.getByName(address.host()), address.port()));
      return Optional.empty();
    } catch (UnknownHostException unknown) {
      return Optional.empty(); // that is a warning of its own
    } catch (BindException taken) {
      String message = String.valueOf(taken.getMessage());
      return Optional.of(
          message.contains("in use")
              ? address.text() + IN_USE
              : address.text() + " cannot be listened on here: " + message);
    } catch (IOException wrong) {
      return Optional.of(address.text() + " cannot be listened on here: " + wrong.getMessage());
    }
  }

  private static Optional<String> unixProblem(Path path) {
    Path directory = path.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return Optional.of(path + " cannot be made: there is no directory " + directory);
    }
    if (!Files.exists(path)) {
      return Files.isWritable(directory)
          ? Optional.empty()
          : Optional.of(path + " cannot be made: " + directory + " is not writable");
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      return Optional.of(path + IN_USE);
    } catch (IOException nobodyAnswers) {
      return Files.isRegularFile(path) || Files.isDirectory(path)
          ? Optional.of(path + " is no socket, and is not replaced")
          : Optional.empty(); // left behind: it is replaced
    }
  }
}
