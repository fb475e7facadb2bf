package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which primaries of a pool are used again when its servers change, and which are made anew. */
final class PlacingTest {
  private final PoolSettings settings;
  private volatile String address = "10.0.0.9";
  private final Names names =
      Names.of(name -> new InetAddress[] {InetAddress.getByName(address)}, () -> {});
  private final Placing placing =
      new Placing("p", VirtualWorker.sockets(), names, (node, cause) -> {});
  private final Wanted first;
  private final List<Placed> placed;

  PlacingTest() throws ConfigException {
    settings = settings("\"10.0.0.1:6379:1 alpha\", \"10.0.0.2:6379:1 beta\"");
    first = wanted(settings);
    placed = placing.place(first, List.of());
  }

  @AfterEach
  void stop() {
    names.threads().shutdownNow();
  }

  private static PoolSettings settings(String nodes) throws ConfigException {
    String text = "cashew.pools.p { listen = \"127.0.0.1:1\", nodes = [ " + nodes + " ] }";
    return HoconReader.read(text, "cashew.conf").pools().get(0);
  }

  private static Wanted wanted(PoolSettings settings) {
    return new Wanted(
        settings, new PoolCertificates(null, null), 0, LayerSettings.topology(settings));
  }

  private static ServerId server(String address) {
    return new ServerId(address, 0);
  }

  @Test
  void everyPrimaryIsUsedAgainWhileNothingChanges() {
    List<Placed> again = placing.place(first.with(LayerSettings.topology(settings)), placed);
    assertSame(placed.get(0), again.get(0));
    assertSame(placed.get(1), again.get(1));
  }

  @Test
  void aShardWithAnotherServerHasAnotherNodeAndKeepsItsCounters() {
    Topology moved =
        first.topology().withPrimaries(List.of(server("10.0.0.7:6379"), server("10.0.0.2:6379")));
    List<Placed> now = placing.place(first.with(moved), placed);
    assertNotSame(placed.get(0).node(), now.get(0).node());
    assertEquals("alpha", now.get(0).node().name());
    assertEquals("10.0.0.7:6379", now.get(0).node().address().text());
    assertSame(placed.get(0).state(), now.get(0).state());
    assertSame(placed.get(1), now.get(1));
  }

  @Test
  void aServerThatComesBackIsAnotherOneToTheWorkers() {
    Topology away =
        first.topology().withPrimaries(List.of(server("10.0.0.7:6379"), server("10.0.0.2:6379")));
    List<Placed> without = placing.place(first.with(away), placed);
    List<Placed> back = placing.place(first, without);
    assertEquals(placed.get(0).known(), back.get(0).known());
    assertNotEquals(placed.get(0).server(), back.get(0).server());
  }

  @Test
  void twoShardsThatChangeServersHaveOtherNodesEach() {
    List<ServerId> crossed = List.of(server("10.0.0.2:6379"), server("10.0.0.1:6379"));
    List<Placed> now = placing.place(first.with(first.topology().withPrimaries(crossed)), placed);
    assertEquals("alpha", now.get(0).node().name());
    assertEquals("10.0.0.2:6379", now.get(0).node().address().text());
    assertNotSame(placed.get(1).node(), now.get(0).node());
    assertSame(placed.get(1).state(), now.get(1).state());
  }

  @Test
  void anotherNumberOfTheSourceForAnAddressMakesItsConnectionsAnew() {
    List<ServerId> again = List.of(new ServerId("10.0.0.1:6379", 1), server("10.0.0.2:6379"));
    List<Placed> now = placing.place(first.with(first.topology().withPrimaries(again)), placed);
    assertNotSame(placed.get(0).node(), now.get(0).node());
    assertSame(placed.get(1), now.get(1));
  }

  @Test
  void anotherGenerationMakesAllConnectionsAnew() {
    Wanted other = new Wanted(settings, first.certificates(), 1, first.topology());
    List<Placed> now = placing.place(other, placed);
    assertNotSame(placed.get(0).node(), now.get(0).node());
    assertNotSame(placed.get(1).node(), now.get(1).node());
  }

  @Test
  void aNameThatHasMovedIsPlacedAnewWhereItIsNow() throws Exception {
    PoolSettings named = settings("\"cache.example:6379:1 alpha\"");
    List<Placed> before = placing.place(wanted(named), List.of());
    Names.await(List.of(before.get(0).node().address()), 10);
    assertSame(before.get(0), placing.place(wanted(named), before).get(0));
    address = "10.0.0.8";
    before.get(0).node().address().refresh();
    Await.until("it has moved", before.get(0)::moved);
    Placed now = placing.place(wanted(named), before).get(0);
    assertNotSame(before.get(0).node(), now.node());
    assertEquals("/10.0.0.8:6379", String.valueOf(now.node().address().home()));
  }

  @Test
  void whatIsNewReplacesWhatIsRetiredOrDrainsAtTheSameAddress() {
    Wanted other = new Wanted(settings, first.certificates(), 1, first.topology());
    List<Placed> now = placing.place(other, placed);
    PlacedChange change = PlacedChange.of(List.of(placed.get(0)), now, List.of(placed.get(1)));
    assertEquals(now, change.added());
    assertEquals(List.of(placed.get(0)), change.retired());
    assertEquals(
        Map.of(
            now.get(0).server(),
            placed.get(0).server(),
            now.get(1).server(),
            placed.get(1).server()),
        change.predecessors());
  }

  @Test
  void whatHasNoAddressCannotBePlaced() {
    IllegalArgumentException wrong =
        assertThrows(
            IllegalArgumentException.class, () -> Placing.check(server("10.0.0.1"), settings));
    assertTrue(String.valueOf(wrong.getMessage()).contains("has no port"), wrong.getMessage());
  }
}
