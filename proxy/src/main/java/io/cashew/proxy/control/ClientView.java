package io.cashew.proxy.control;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Session;

/**
 * A client as it may be shown: what {@code CLIENT LIST} tells of it, as far as somebody asks who is
 * connected.
 *
 * @param pool whose it is
 * @param id its number, unique in the process
 * @param address where it is
 * @param name as it has said
 * @param user as whom it is logged in
 * @param library name and version of the library that it uses, as that has said
 * @param database that it has selected
 * @param ageSeconds since it came
 * @param idleSeconds since its last request
 * @param lastCommand what that was
 * @param resp version of the protocol
 * @param subscriptions channels and patterns that it listens to
 * @param queuedBytes of replies that wait for it
 * @param blocked whether it waits for a key
 */
public record ClientView(
    String pool,
    long id,
    String address,
    String name,
    String user,
    String library,
    int database,
    long ageSeconds,
    long idleSeconds,
    String lastCommand,
    int resp,
    int subscriptions,
    long queuedBytes,
    boolean blocked) {

  /** A client as it is now; on its worker. */
  static ClientView of(String pool, Client client) {
    Session session = client.session();
    Client.Figures figures = client.figures();
    return new ClientView(
        pool,
        session.id(),
        session.peer(),
        session.name(),
        session.user(),
        (session.libraryName() + " " + session.libraryVersion()).strip(),
        session.database(),
        session.ageSeconds(),
        figures.idleSeconds(),
        session.lastCommand(),
        session.resp3() ? 3 : 2,
        session.channels() + session.patterns() + session.shardChannels(),
        figures.queuedBytes(),
        figures.blocked());
  }
}
