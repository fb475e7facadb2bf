package io.cashew.proxy.testing;

import java.util.ArrayList;
import java.util.List;

/** What a test has opened and does not close itself. */
public final class Opened {
  private final List<AutoCloseable> all = new ArrayList<>();

  /** Closes this, too, at the end. */
  public <T extends AutoCloseable> T keep(T resource) {
    all.add(resource);
    return resource;
  }

  /** A client of a port of this machine. */
  public RawClient connect(int port) {
    return keep(new RawClient(port));
  }

  /** Closes what is kept, the last first. */
  public void close() throws Exception {
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).close();
    }
  }
}
