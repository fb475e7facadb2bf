package io.cashew.proxy.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who can reach what the proxy serves. A name is resolved when it is asked for. */
public enum Exposure {
  /** Programs of this machine. */
  THIS_MACHINE,
  /** Other machines too. */
  OTHER_MACHINES,
  /** Not to be known: the name has no address here. */
  UNKNOWN;

  /** Who can reach an address that is listened on. */
  public static Exposure of(Address address) {
    if (!(address instanceof Address.Tcp tcp)) {
      return THIS_MACHINE;
    }
    try {
      return InetAddress.getByName(tcp.host()).isLoopbackAddress() ? THIS_MACHINE : OTHER_MACHINES;
    } catch (UnknownHostException unknown) {
      return UNKNOWN;
    }
  }

  /** Whether a pool that anybody may use can be reached by other machines. */
  public static boolean isOpenDoor(PoolSettings pool) {
    return pool.letsAnybodyIn() && of(pool.listen()) == OTHER_MACHINES;
  }
}
