package io.cashew.proxy.config;

import java.util.List;

/** Where the server of a node is, as written in the configuration: nothing is resolved yet. */
public sealed interface NodePlace {

  /** What a person reads. */
  String text();

  /** How its primary is found: {@code address}, {@code addresses}, {@code master NAME}. */
  String kind();

  /** Every address that is written; none where the Sentinels know them. */
  List<Address> addresses();

  /** One server. */
  record At(Address address) implements NodePlace {
    @Override
    public String text() {
      return address.text();
    }

    @Override
    public String kind() {
      return "address";
    }

    @Override
    public List<Address> addresses() {
      return List.of(address);
    }
  }

  /**
   * A primary and its replicas, whichever is which.
   *
   * @param addresses at least one
   */
  record Among(List<Address> addresses) implements NodePlace {
    public Among {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String kind() {
      return "addresses";
    }

    @Override
    public String text() {
      return String.join(", ", addresses.stream().map(Address::text).toList());
    }
  }

  /**
   * Where the Sentinels of the pool say.
   *
   * @param master the name by which they know it
   */
  record OfMaster(String master) implements NodePlace {
    @Override
    public String text() {
      return "master " + master;
    }

    @Override
    public String kind() {
      return text();
    }

    @Override
    public List<Address> addresses() {
      return List.of();
    }
  }
}
