package io.cashew.proxy.conformance;

import java.util.List;

/**
 * One line of a script.
 *
 * @param place file and line number
 * @param text the line
 * @param since the first version of Redis that it is for, times ten: 70 is 7.0
 * @param connection the name of the client that does it
 * @param action what the client does
 * @param arguments of the request; the bytes of {@link Action#BYTES}; the number of replies to read
 */
record Step(
    String place, String text, int since, char connection, Action action, List<String> arguments) {

  /** What a client does in one step. */
  enum Action {
    /** {@code A> GET k}: sends a request and reads its reply. */
    CALL('>'),
    /** {@code A| GET k}: sends a request. */
    SEND('|'),
    /** {@code A! BLPOP k 0}: sends a request, and waits until it blocks on a node. */
    BLOCK('!'),
    /** {@code A< 2}: reads so many more replies; one if no number is given. */
    READ('<'),
    /** {@code A= "PING\r\n"}: sends bytes as they are and reads a reply. */
    BYTES('='),
    /** {@code A~ SCAN COUNT 5}: iterates to the end, and shows each element once, sorted. */
    WALK('~'),
    /** {@code A.}: closes the connection, and waits until no node has it blocked. */
    LEAVE('.');

    final char sign;

    Action(char sign) {
      this.sign = sign;
    }
  }

  /** Whether it has a request that one can speak of by its name. */
  boolean isRequest() {
    return switch (action) {
      case CALL, SEND, BLOCK, WALK -> true;
      case READ, BYTES, LEAVE -> false;
    };
  }
}
