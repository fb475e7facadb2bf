package io.cashew.proxy.memcached;

import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client speaks the binary protocol, which memcached has given up. */
public final class BinaryRefusal extends ProtocolException {
  private static final long serialVersionUID = 1L;

  private static final String MESSAGE =
      "the binary protocol is not supported: have the client speak the text protocol";

  private static final byte RESPONSE = (byte) 0x81;
  private static final short NOT_SUPPORTED = 0x83;
  private static final int OPCODE = 1;
  private static final int OPAQUE = 12;

  private final byte opcode;
  private final int opaque;

  /** Refuses the request that begins at an index, of which all or a part is there. */
  BinaryRefusal(ByteBuf in, int from) {
    super(MESSAGE);
    int there = in.writerIndex() - from;
    opcode = there > OPCODE ? in.getByte(from + OPCODE) : 0;
    opaque = there >= OPAQUE + Integer.BYTES ? in.getInt(from + OPAQUE) : 0;
  }

  /** A response of that protocol to the request: an error with its reason. */
  public byte[] response() {
    byte[] text = MESSAGE.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(24 + text.length)
        .put(RESPONSE)
        .put(opcode)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort(NOT_SUPPORTED)
        .putInt(text.length)
        .putInt(opaque)
        .putLong(0)
        .put(text)
        .array();
  }
}
