package io.cashew.proxy.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A proxy that serves one client for a moment, in front of a node that says OK to everything, so
 * that the JVM loads what it needs for that. The calling thread serves, two others are node and
 * client.
 */
public final class Rehearsal {
  private static final List<String> REQUESTS =
      List.of(
          "*1\r\n$4\r\nPING\r\n",
          "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
          "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
          "*5\r\n$4\r\nMSET\r\n$1\r\nk\r\n$1\r\nv\r\n$1\r\nl\r\n$1\r\nv\r\n");

  private Rehearsal() {}

  /**
   * Serves from the first listener to the last reply.
   *
   * @throws Exception what would keep any proxy from serving here
   */
  public static void run() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    ExecutorService others = Executors.newCachedThreadPool();
    Path file = Files.createTempFile("cashew", ".conf");
    try (ServerSocket node = new ServerSocket(0, 50, here)) {
      int port = freePort(here);
      int adminPort = freePort(here);
      Serving serving = new Serving();
      others.execute(() -> node(node, others));
      Future<?> client =
          others.submit(
              () -> {
                try {
                  client(here, port, adminPort);
                } finally {
                  serving.stop();
                }
                return null;
              });
      serving.run(settings(file, port, adminPort, node.getLocalPort()), file);
      client.get();
    } finally {
      others.shutdownNow();
      Files.delete(file);
    }
  }

  /** Read from a file, as it will be. */
  private static Settings settings(Path file, int port, int adminPort, int nodePort)
      throws IOException, ConfigException {
    String address = "\"127.0.0.1:" + nodePort;
    return ConfigFile.read(
        Files.writeString(
            file,
            "cashew { workers = 1, take-over.socket = \""
                + file.toAbsolutePath()
                + ".sock\", admin.listen = \"127.0.0.1:"
                + adminPort
                + "\", pools.rehearsal { listen = \"127.0.0.1:"
                + port
                + "\", hash-tag = \"{}\", timeout = 1s, nodes = ["
                + address
                + ":1 a\", "
                + address
                + ":1 b\"] } }"));
  }

  private static int freePort(InetAddress here) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, here)) {
      return free.getLocalPort();
    }
  }

  private static void node(ServerSocket node, ExecutorService others) {
    try {
      while (true) {
        Socket connection = node.accept();
        others.execute(() -> answer(connection));
      }
    } catch (IOException closed) {
      return; // the rehearsal is over
    }
  }

  /** Says what it is when asked, as any server does, and OK to all else. */
  private static void answer(Socket connection) {
    try (connection) {
      byte[] bytes = new byte[1024];
      for (int length; (length = connection.getInputStream().read(bytes)) > 0; ) {
        String requests = new String(bytes, 0, length, US_ASCII);
        for (String request : requests.split("(?=\\*\\d+\r\n\\$)", -1)) {
          connection.getOutputStream().write(reply(request).getBytes(US_ASCII));
        }
      }
    } catch (IOException closed) {
      return; // by the proxy, which has stopped
    }
  }

  private static String reply(String request) {
    if (request.contains("INFO")) {
      String said = "redis_version:7.2.0\r\nrun_id:rehearsal\r\n";
      return "$" + said.length() + "\r\n" + said + "\r\n";
    }
    if (request.contains("MODULE")) {
      return "*0\r\n";
    }
    return request.contains("COMMAND") ? "*1\r\n$3\r\nget\r\n" : "+OK\r\n";
  }

  private static void client(InetAddress here, int port, int adminPort) throws Exception {
    try (Socket proxy = connect(here, port)) {
      byte[] reply = new byte[1024];
      for (String request : REQUESTS) {
        proxy.getOutputStream().write(request.getBytes(US_ASCII));
        if (proxy.getInputStream().read(reply) <= 0) {
          throw new IOException("the proxy that rehearses has closed the connection");
        }
      }
    }
    for (String path : List.of("/readyz", "/metrics")) {
      try (Socket admin = connect(here, adminPort)) {
        OutputStream out = admin.getOutputStream();
        out.write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(US_ASCII));
        InputStream in = admin.getInputStream();
        in.readAllBytes();
      }
    }
  }

  /** It may not listen yet. */
  private static Socket connect(InetAddress here, int port) throws Exception {
    for (int attempts = 1; ; attempts++) {
      try {
        Socket socket = new Socket(here, port);
        socket.setSoTimeout(10_000);
        return socket;
      } catch (IOException refused) {
        if (attempts == 500) {
          throw refused;
        }
        Thread.sleep(20);
      }
    }
  }
}
