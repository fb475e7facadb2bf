package io.cashew.proxy.control;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a name, each time anew. Called off the loops, from several threads. */
@FunctionalInterface
public interface NameLookup {

  /**
   * As this machine resolves names. The program turns the JVM's own memory of answers off, so that
   * each call sees the hosts file and the name servers as they are.
   */
  NameLookup OF_THIS_MACHINE = InetAddress::getAllByName;

  /**
   * The addresses of a name, at least one, best first. May block for as long as a name server does.
   *
   * @throws UnknownHostException if it has none, or nobody answers
   */
  InetAddress[] addressesOf(String name) throws UnknownHostException;
}
