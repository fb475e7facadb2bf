package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.resp.ReplyValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Makes servers that run a Redis Cluster, with nothing but their own commands: the first ones
 * become primaries with as many slots each, then each of them gets a replica. Blocks.
 */
final class DemoCluster {
  /** With fewer primaries nobody is elected in the place of one that is lost. */
  static final int LEAST_PRIMARIES = 3;

  private static final int SLOTS = 16_384;
  private static final long FORM_SECONDS = 30;
  private static final long PAUSE_MILLIS = 50;

  private final List<Integer> ports;
  private final int primaries;
  private final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(FORM_SECONDS);

  private DemoCluster(List<Integer> ports) {
    this.ports = ports;
    primaries = ports.size() / 2;
  }

  /**
   * Returns when each server says that all slots are served, and who has which replica.
   *
   * @param ports of servers with {@code cluster-enabled}, at 127.0.0.1: twice as many as primaries
   * @throws IOException if they do not come together
   */
  static void form(List<Integer> ports) throws IOException {
    DemoCluster cluster = new DemoCluster(ports);
    cluster.giveSlots();
    cluster.meet();
    cluster.addReplicas();
    for (int port : ports) {
      cluster.await(port, "cluster_state:ok", "CLUSTER", "INFO");
    }
  }

  private void giveSlots() throws IOException {
    for (int i = 0; i < ports.size(); i++) {
      // Epochs of their own spare the servers the time to settle who has which.
      ok(ports.get(i), List.of("CLUSTER", "SET-CONFIG-EPOCH", "" + (i + 1)));
    }
    for (int i = 0; i < primaries; i++) {
      List<String> request = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      for (int slot = SLOTS * i / primaries; slot < SLOTS * (i + 1) / primaries; slot++) {
        request.add("" + slot);
      }
      ok(ports.get(i), request);
    }
  }

  private void meet() throws IOException {
    for (int port : ports.subList(1, ports.size())) {
      ok(ports.get(0), List.of("CLUSTER", "MEET", "127.0.0.1", "" + port));
    }
    for (int port : ports) {
      await(port, "cluster_known_nodes:" + ports.size() + "\r", "CLUSTER", "INFO");
    }
  }

  private void addReplicas() throws IOException {
    Set<String> ids = new HashSet<>();
    for (int i = primaries; i < ports.size(); i++) {
      String primary = ask(ports.get(i - primaries), List.of("CLUSTER", "MYID")).text();
      // A server that is known may still be in its handshake, without its id.
      await(ports.get(i), primary, "CLUSTER", "NODES");
      ok(ports.get(i), List.of("CLUSTER", "REPLICATE", primary));
      ids.add(primary);
    }
    for (int port : ports.subList(primaries, ports.size())) {
      await(port, "master_link_status:up", "INFO", "replication");
    }
    for (String primary : ids) {
      for (int port : ports) {
        await(port, "slave " + primary, "CLUSTER", "NODES");
      }
    }
  }

  private static ReplyValue ask(int port, List<String> request) throws IOException {
    return NodeProbe.ask(
            new Address.Tcp("127.0.0.1", port),
            Optional.empty(),
            Optional.empty(),
            List.of(request))
        .get(0);
  }

  private static void ok(int port, List<String> request) throws IOException {
    String said = ask(port, request).text();
    if (!said.equals("OK")) {
      throw new IOException(
          "127.0.0.1:" + port + " answers " + request.get(0) + " " + request.get(1) + ": " + said);
    }
  }

  private void await(int port, String word, String... request) throws IOException {
    String said = ask(port, List.of(request)).text();
    while (!said.contains(word)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "the servers form no Cluster within "
                + FORM_SECONDS
                + " s; 127.0.0.1:"
                + port
                + " says: "
                + said.strip());
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the Cluster was formed", interrupted);
      }
      said = ask(port, List.of(request)).text();
    }
  }
}
