package io.cashew.proxy.acl;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;

/** What is done with the keys of commands whose other arguments decide it. */
final class VariableAccess {
  private VariableAccess() {}

  static boolean reads(Command command, RequestFrame frame) {
    return !command.name().equals("set") || setGets(frame);
  }

  static boolean writes(Command command, RequestFrame frame) {
    return !command.name().equals("bitfield") || bitfieldWrites(frame);
  }

  /** A {@code SET key value … GET …} tells the value that was there. */
  private static boolean setGets(RequestFrame frame) {
    for (int i = 3; i < frame.argc(); i++) {
      if (frame.argEquals(i, "GET")) {
        return true;
      }
    }
    return false;
  }

  /** A {@code BITFIELD key GET type offset …} only reads; whatever is not understood may write. */
  private static boolean bitfieldWrites(RequestFrame frame) {
    int argc = frame.argc();
    for (int i = 2; i < argc; ) {
      if (frame.argEquals(i, "GET") && i + 2 < argc) {
        i += 3;
      } else if (frame.argEquals(i, "OVERFLOW") && i + 1 < argc) {
        i += 2;
      } else {
        return true;
      }
    }
    return false;
  }
}
