package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * This worker's side of every server of a pool: of those that are in use, of those that soon will
 * be, and of those that were and have requests under way. Confined to the worker.
 */
public final class Servers {
  private final Worker worker;
  private final Map<ServerId, Backend> backends;
  private final MovingSlots moving = new MovingSlots();
  private final LearntSlots learnt = new LearntSlots();
  private final SlotNews news = new SlotNews();
  private boolean closed;

  /**
   * The servers with which a pool starts; they have no connections before {@link #begin}.
   *
   * @param worker whose thread this is confined to
   * @param first by the ids that the pool's topologies use
   */
  public Servers(Worker worker, Map<ServerId, Backend> first) {
    this.worker = worker;
    backends = new LinkedHashMap<>(first);
  }

  /**
   * Begins with the servers of the start.
   *
   * @param preconnect whether connections are opened before they are needed
   */
  public void begin(boolean preconnect) {
    assert worker.inThread();
    backends.values().forEach(backend -> begin(backend, preconnect));
  }

  private void begin(Backend backend, boolean preconnect) {
    worker.addTickListener(backend);
    if (preconnect) {
      backend.preconnect();
    }
  }

  /** Connects to servers that a topology will have soon. Nothing is sent to them until then. */
  public void prepare(Map<ServerId, Backend> added) {
    assert worker.inThread();
    if (closed) { // nobody would close them
      return;
    }
    added.forEach(
        (id, backend) -> {
          Backend former = backends.put(id, backend);
          assert former == null : id;
          begin(backend, true);
        });
  }

  /** The backend of a server; null if there is none, no longer or not yet. */
  public @Nullable Backend find(ServerId id) {
    return backends.get(id);
  }

  /** Of which slots they have said that they move. */
  MovingSlots moving() {
    return moving;
  }

  /** What they have said of slots since the last topology. */
  LearntSlots learnt() {
    return learnt;
  }

  /** What topologies have said of slots. */
  SlotNews news() {
    return news;
  }

  /** The backend of the server whose address is such; null: it is not known, or retired. */
  @Nullable Backend at(Predicate<String> isThere) {
    for (Map.Entry<ServerId, Backend> each : backends.entrySet()) {
      if (isThere.test(each.getKey().address()) && !each.getValue().retired()) {
        return each.getValue();
      }
    }
    return null;
  }

  /** The backends of these servers, in their order, as far as there are any. */
  public List<Backend> of(Collection<ServerId> ids) {
    return ids.stream().map(backends::get).filter(Objects::nonNull).toList();
  }

  /** The backend of the primary of each shard, in the order of the shards. */
  public List<Backend> primariesOf(Topology topology) {
    return topology.shards().stream().map(this::primaryOf).toList();
  }

  /** Those of the replicas of each shard, in the order of the shards, as far as there are any. */
  Backend[][] replicasOf(Topology topology) {
    return topology.shards().stream()
        .map(shard -> of(shard.replicas()).toArray(Backend[]::new))
        .toArray(Backend[][]::new);
  }

  private Backend primaryOf(Shard shard) {
    Backend backend = backends.get(shard.primary());
    if (backend == null) {
      throw new IllegalStateException(
          "no backend for " + shard.primary() + ", the primary of '" + shard.name() + "'");
    }
    return backend;
  }

  /** All of them, those that are retired included. */
  public Collection<Backend> all() {
    return backends.values();
  }

  /** Closes servers that no topology has any more; what is still under way there fails. */
  public void remove(Collection<ServerId> ids) {
    assert worker.inThread();
    for (ServerId id : ids) {
      Backend backend = backends.remove(id);
      if (backend != null) {
        close(backend);
      }
    }
  }

  private void close(Backend backend) {
    backend.close();
    worker.removeTickListener(backend);
  }

  /** Whether {@link #close} was called: nothing is prepared or installed any more. */
  public boolean closed() {
    return closed;
  }

  /** Closes all of them, with the pool. */
  public void close() {
    assert worker.inThread();
    closed = true;
    backends.values().forEach(this::close);
  }
}
