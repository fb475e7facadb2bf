package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which nodes are out, and what stands for their servers meanwhile. */
final class MaintenanceTest {
  private static final NodeState.Maintenance DRAIN =
      new NodeState.Maintenance("drain", "10.0.0.7", 1000);
  private static final NodeState.Maintenance OFFLINE =
      new NodeState.Maintenance("offline", "10.0.0.7", 2000);

  private final Names names = Names.of(name -> new InetAddress[0], () -> {});
  private final Placing placing =
      new Placing("p", VirtualWorker.sockets(), names, (node, cause) -> {});
  private final Wanted first;
  private final List<Placed> placed;

  MaintenanceTest() throws ConfigException {
    String text =
        "cashew.pools.p { listen = \"127.0.0.1:1\", nodes ="
            + " [\"10.0.0.1:6379:1 alpha\", \"10.0.0.2:6379:1 beta\"] }";
    PoolSettings settings = HoconReader.read(text, "cashew.conf").pools().get(0);
    first =
        new Wanted(settings, new PoolCertificates(null, null), 0, LayerSettings.topology(settings));
    placed = placing.place(first, List.of());
  }

  @AfterEach
  void stop() {
    names.threads().shutdownNow();
  }

  private static Maintenance out(String node) {
    return Maintenance.NONE.with(node, DRAIN);
  }

  @Test
  void aNodeStaysOutAsItWasFirstTakenOutUntilItIsReady() {
    Maintenance out = out("alpha");
    assertSame(out, out.with("alpha", OFFLINE));
    assertEquals(DRAIN, out.of("alpha"));
    assertNull(out.of("beta"));
    assertEquals(Maintenance.NONE, out.without("alpha"));
    assertEquals(out, out.without("beta"));
  }

  @Test
  void aNodeThatIsOutHasAServerToWhichThereAreNoConnections() {
    List<Placed> now = placing.place(first.with(out("alpha")), placed);
    assertTrue(now.get(0).isOut());
    NodeAddress address = now.get(0).node().address();
    assertEquals("10.0.0.1:6379", address.text());
    assertNull(address.current());
    assertEquals(
        "ERR node 'alpha' of pool 'p' is out for maintenance (drain): it takes no requests until"
            + " an operator says that it is ready",
        address.errorOfNobody());
    assertTrue(now.get(0).node().circuitOpen());
    assertSame(placed.get(0).state(), now.get(0).state(), "its counters");
    assertSame(placed.get(1), now.get(1));
    PlacedChange change = PlacedChange.of(placed, now, List.of());
    assertEquals(List.of(placed.get(0)), change.retired());
    assertEquals(List.of(), List.copyOf(change.predecessors().keySet()), "nobody takes over");
  }

  @Test
  void requestsForItDoNotWaitForAnother() {
    assertEquals(
        0, placing.place(first.with(out("alpha")), placed).get(0).node().failoverWaitMillis());
  }

  @Test
  void itStaysOutWhateverItsServerIsAndWhateverTheFileSays() {
    Wanted out = first.with(out("alpha"));
    List<Placed> now = placing.place(out, placed);
    Wanted moved =
        out.with(
            first
                .topology()
                .withPrimaries(
                    List.of(new ServerId("10.0.0.9:6379", 0), new ServerId("10.0.0.2:6379", 0))));
    assertSame(now.get(0), placing.place(moved, now).get(0));
    Wanted another =
        new Wanted(first.settings(), first.certificates(), 1, first.topology(), out.maintenance());
    assertTrue(placing.place(another, now).get(0).isOut());
  }

  @Test
  void aNodeThatIsReadyHasConnectionsOfItsOwn() {
    List<Placed> now = placing.place(first.with(out("alpha")), placed);
    Placed back = placing.place(first, now).get(0);
    assertFalse(back.isOut());
    assertNotSame(placed.get(0).node(), back.node());
    assertEquals("10.0.0.1:6379", back.node().address().text());
    assertFalse(back.isReachedAs(now.get(0)));
  }

  @Test
  void onlyWhatIsOfflineIsCutOff() {
    assertEquals(300, out("alpha").drainMillis(List.of(placed.get(0)), 300));
    Maintenance offline = Maintenance.NONE.with("alpha", OFFLINE);
    assertEquals(0, offline.drainMillis(List.of(placed.get(0)), 300));
    assertEquals(300, offline.drainMillis(placed, 300), "others are retired, too");
    assertEquals(300, offline.drainMillis(List.of(), 300));
  }
}
