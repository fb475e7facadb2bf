package io.cashew.proxy.control;

import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Topology;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One pool on its way from its settings to others, step by step: {@link #stage} can be refused and
 * taken back; {@link #prepare} makes what is new beside what there is; {@link #install} goes over
 * to it, worker by worker, each between two requests; {@link #end} takes away what is no longer
 * used, when nothing is under way on it. Used by the thread that reloads, and by the control thread
 * at the end.
 */
final class PoolChange {
  private final Pool pool;
  private final PoolPlan plan;
  private final PoolSettings next;
  private final PoolCertificates certificatesBefore;
  private PoolCertificates certificates;
  private List<Pool.Placed> nodes = List.of();

  private List<Side> sides;

  /** All requests to what is no longer used have their replies. */
  private boolean hearingOut;

  /**
   * What becomes of the nodes on one worker.
   *
   * @param now the backends that there are then, in the order of the nodes
   * @param added those of them that are not in use yet
   * @param retired those that are in use and will not be
   * @param heirs of added ones: the retired one of the same server, if there is one
   */
  private record Side(
      Pool.Part part,
      List<Backend> now,
      List<Backend> added,
      List<Backend> retired,
      Map<Backend, Backend> heirs) {
    Side(Pool.Part part) {
      this(part, List.of(), List.of(), List.of(), Map.of());
    }

    /** Those that will be listened to, and that nothing stands for until they are. */
    List<Backend> soonHeard(Copies copies) {
      return copies.readers().stream()
          .map(now::get)
          .filter(each -> !heirs.containsKey(each))
          .toList();
    }

    /** Where to listen to the nodes until then. */
    List<Backend> ears() {
      return now.stream().map(each -> heirs.getOrDefault(each, each)).toList();
    }
  }

  /**
   * Begins nothing.
   *
   * @param plan for a pool that stays
   * @param next what it has then, which is the plan's but for what needs a restart
   */
  PoolChange(Pool pool, PoolPlan plan, PoolSettings next) {
    this.pool = pool;
    this.plan = plan;
    this.next = next;
    certificatesBefore = pool.certificates();
    certificates = certificatesBefore;
    sides = pool.parts().stream().map(Side::new).toList();
  }

  Pool pool() {
    return pool;
  }

  /**
   * Reads certificates and looks up names that no node had.
   *
   * @throws IOException if that fails: nothing has changed
   */
  void stage() throws IOException {
    PoolSettings now = pool.settings();
    certificates =
        PoolCertificates.of(
            next,
            now.tls().clients().equals(next.tls().clients())
                ? certificatesBefore.ofClients()
                : null,
            now.tls().nodes().equals(next.tls().nodes()) ? certificatesBefore.ofNodes() : null);
    List<Pool.Placed> placed = new ArrayList<>();
    for (NodeSettings node : next.nodes()) {
      Pool.Placed same = plan.reconnects() ? null : sameNode(node);
      placed.add(same == null ? pool.place(next, node, certificates) : same);
    }
    nodes = List.copyOf(placed);
  }

  private Pool.@Nullable Placed sameNode(NodeSettings node) {
    for (Pool.Placed each : pool.nodes()) {
      if (each.settings().name().equals(node.name())
          && each.settings().address().equals(node.address())
          && !each.node().address().moved()) {
        return new Pool.Placed(node, each.server(), each.node(), each.state());
      }
    }
    return null;
  }

  /** Gives up what {@link #stage} has made. */
  void takeBack() {
    certificates.closeBut(certificatesBefore);
  }

  /**
   * Makes the worker's sides of new nodes, connects to them, and begins to listen there to what
   * clients of the pool listen to.
   */
  void prepare() {
    Topology then = Membership.configured(next, nodes);
    List<List<Backend>> before = onEachWorker(side -> side.part().router().backends());
    List<Side> known = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      known.add(side(sides.get(i).part(), before.get(i)));
    }
    sides = List.copyOf(known);
    onEachWorker(
        side -> {
          side.added().forEach(side.part().worker()::addTickListener);
          side.added().forEach(Backend::preconnect);
          side.part()
              .clients()
              .prepare(side.added(), side.soonHeard(then.copies()), side.ears(), then);
          return true;
        });
  }

  private Side side(Pool.Part part, List<Backend> before) {
    List<Backend> now = new ArrayList<>();
    List<Backend> added = new ArrayList<>();
    List<Backend> retired = new ArrayList<>(before);
    for (Pool.Placed node : nodes) {
      Backend backend = find(before, node);
      if (backend == null) {
        backend = pool.backend(next, part, node);
        added.add(backend);
      }
      retired.remove(backend);
      now.add(backend);
    }
    return new Side(
        part,
        List.copyOf(now),
        List.copyOf(added),
        List.copyOf(retired),
        heirs(added, new ArrayList<>(retired)));
  }

  /** Which of the added stand for a server that one of the retired stands for now. */
  private Map<Backend, Backend> heirs(List<Backend> added, List<Backend> retired) {
    Map<Backend, Backend> heirs = new HashMap<>();
    if (certificates.ofNodes() == certificatesBefore.ofNodes()) {
      for (Backend each : added) {
        retired.stream()
            .filter(old -> isSameServer(old.node(), each.node()))
            .findFirst()
            .ifPresent(
                old -> {
                  heirs.put(each, old);
                  retired.remove(old);
                });
      }
    }
    return heirs;
  }

  /** Whether both lead to one server; if neither has an address yet, by their configuration. */
  private static boolean isSameServer(Node one, Node other) {
    return one.isSameServerAs(other)
        || (one.address().home() == null
            && other.address().home() == null
            && one.address().text().equals(other.address().text()));
  }

  private static @Nullable Backend find(List<Backend> among, Pool.Placed node) {
    for (Backend backend : among) {
      if (backend.node() == node.node()) {
        return backend;
      }
    }
    return null;
  }

  /** Whether new nodes have answered whatever they were asked, as far as they do. */
  boolean prepared() {
    return !onEachWorker(side -> side.part().clients().prepared()).contains(false);
  }

  /** Goes over to the new settings. Called on the control thread, which publishes tables. */
  void install() {
    PoolSettings before = pool.settings();
    Topology topology = pool.membership().follow(next, nodes);
    ClientSettings clients = LayerSettings.ofClients(next);
    BackendSettings settings = LayerSettings.ofBackends(next);
    boolean otherCommands = !before.commands().declared().equals(next.commands().declared());
    CommandTable commands = otherCommands ? next.commands().table() : null;
    boolean otherUsers =
        otherCommands
            || !before.auth().users().equals(next.auth().users())
            || !before.auth().password().equals(next.auth().password());
    Users users = otherUsers ? next.rights() : null;
    boolean otherRoutes = routesChange(before);
    for (Side side : sides) {
      Pool.Part part = side.part();
      part.worker()
          .eventLoop()
          .execute(
              () -> {
                if (commands != null) {
                  part.clients().install(commands);
                }
                if (users != null) {
                  part.clients().install(users);
                }
                part.clients().install(clients);
                side.now().forEach(backend -> backend.adopt(settings));
                part.router().install(topology, side.now(), next.limits().unsentPerClientHard());
                side.heirs().forEach((heir, former) -> part.clients().handOver(former, heir));
                // Before clients look where they are: those that wait there are to be told.
                side.retired().forEach(Backend::beginRetirement);
                if (otherRoutes) {
                  part.clients().nodesChanged();
                } else {
                  part.clients().preparedIsInstalled();
                }
                side.retired().forEach(Backend::retire);
              });
    }
    pool.failedLogins().longestMillis(next.clients().failedAuthenticationDelayMillis());
    pool.admission().install(LayerSettings.ofListener(next), certificates.accepting());
    pool.has(next, nodes, topology, certificates);
    pool.servers().follow(nodes.stream().map(Pool.Placed::node).toList());
    before.nodes().stream()
        .map(NodeSettings::name)
        .filter(name -> nodes.stream().noneMatch(node -> node.settings().name().equals(name)))
        .forEach(pool::forgetName);
  }

  /** Returns when every worker has gone over. */
  void awaitInstalled() {
    onEachWorker(side -> true); // a worker's tasks are in order
  }

  private boolean routesChange(PoolSettings before) {
    return sides.stream().anyMatch(side -> !side.retired().isEmpty())
        || !before.nodes().equals(next.nodes())
        || !before.placement().hash().name().equals(next.placement().hash().name())
        || !before.placement().hashTag().equals(next.placement().hashTag())
        || !before.placement().distribution().name().equals(next.placement().distribution().name())
        || before.placement().pointsPerNode() != next.placement().pointsPerNode();
  }

  /**
   * Whether nothing is under way on what is no longer used. What one worker's client has published
   * there another worker's may not have heard when the first one has its reply: so nodes are asked
   * for an answer, where they are listened to, when all requests have theirs.
   */
  boolean drained() {
    if (!hearingOut) {
      hearingOut =
          !onEachWorker(side -> side.retired().stream().allMatch(Backend::drained)).contains(false);
      if (hearingOut) {
        onEachWorker(
            side -> {
              side.retired().forEach(Backend::awaitPublished);
              return true;
            });
      }
    }
    return hearingOut
        && !onEachWorker(side -> side.retired().stream().allMatch(Backend::publishedHasCome))
            .contains(false);
  }

  /** Takes away what is no longer used; what is still under way there fails. */
  void end() {
    onEachWorker(
        side -> {
          for (Backend backend : side.retired()) {
            side.part().clients().forget(backend);
            backend.close();
            side.part().worker().removeTickListener(backend);
          }
          return true;
        });
    certificatesBefore.closeBut(certificates);
  }

  /** Has every worker do something, and waits. @return what each says, in the parts' order */
  private <T> List<T> onEachWorker(Function<Side, T> task) {
    List<Future<T>> answers = new ArrayList<>();
    for (Side side : sides) {
      Callable<T> ask = () -> task.apply(side);
      answers.add(side.part().worker().eventLoop().submit(ask));
    }
    List<T> all = new ArrayList<>();
    answers.forEach(answer -> all.add(answer.syncUninterruptibly().getNow()));
    return all;
  }
}
