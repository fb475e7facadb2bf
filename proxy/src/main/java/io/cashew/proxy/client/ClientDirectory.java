package io.cashew.proxy.client;

import io.cashew.proxy.cache.limit.SharedRates;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one pool on all workers, by their ids, and the pool's part on each worker.
 * Thread-safe; it changes when a client connects or leaves, not with requests.
 *
 * <p>What it finds is confined to another worker, maybe: of that, no other thread may ask for more
 * than the worker.
 */
public final class ClientDirectory {
  private final Map<Long, Client> clients = new ConcurrentHashMap<>();
  private final List<PoolPart> parts = new CopyOnWriteArrayList<>();

  private final ReadOnlyScripts scripts = new ReadOnlyScripts();
  private final SharedRates rates = new SharedRates();

  /** Clients whose next request waits for the end of {@code CLIENT PAUSE}. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** Adds the pool's part on one worker; all are added before the first client connects. */
  void add(PoolPart part) {
    parts.add(part);
  }

  /** The pool's part on each worker. */
  public List<PoolPart> parts() {
    return parts;
  }

  void add(Client client) {
    clients.put(client.session().id(), client);
  }

  public void remove(Client client) {
    clients.remove(client.session().id());
  }

  /** The pool's scripts that declare that they write nothing. */
  public ReadOnlyScripts scripts() {
    return scripts;
  }

  /** How many requests the pool takes in a second, of all its workers together. */
  public SharedRates rates() {
    return rates;
  }

  /** One more client waits, or, with -1, one fewer. */
  public void addWaiting(int clients) {
    waiting.addAndGet(clients);
  }

  /** Clients whose next request waits for the end of {@code CLIENT PAUSE}. */
  public int waiting() {
    return waiting.get();
  }

  /** The client of this id; null if there is none, or no longer. */
  public @Nullable Client find(long id) {
    return clients.get(id);
  }
}
