package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.RequestStream;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.ResponsePolicy;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One request on several nodes, and the merging of what they say into one reply. Confined to a
 * worker; used again when every fragment has been answered.
 *
 * <p>The reply is complete or it is an error: if any fragment fails or is answered with an error,
 * that of the first such node is the whole reply. What other fragments have done stands.
 */
final class FragmentedRequest {
  /** Longer arrays are not kept for the next request. */
  private static final int MAX_KEPT_KEYS = 16 << 10;

  private static final NodeFailure NO_MEMORY =
      NodeFailure.of(
          FailureKind.OVERLOADED, "the proxy is short of memory: the reply could not be held");

  /**
   * Elements of a merged reply are given together, in pieces that are small enough to be copied.
   */
  private static final int MERGED_PIECE = Outbound.SLICE_FROM / 2;

  private final FragmentedRequests home;
  private int[] nodeOfKey = new int[64];
  private int keyCount;

  /** Replies that came whole and are small, one behind the other, as long as there is room. */
  private @Nullable ByteBuf parts;

  private @Nullable Fragment[] fragmentOfNode = new Fragment[8];
  private Fragment[] fragments = new Fragment[0];
  private int fragmentCount;
  private int unanswered;
  private long gathered;

  /** Bytes of them that are held; the receiver of the reply counts them. */
  private long held;

  private boolean writes;
  private ResponsePolicy policy = ResponsePolicy.DEFAULT;
  private @Nullable Merger merger;
  private List<String> arguments = List.of();
  private @Nullable InFlight reply;

  FragmentedRequest(FragmentedRequests home) {
    this.home = home;
  }

  /** Where the caller puts the node of each of {@code keyCount} keys. */
  int[] nodeOfKey(int keyCount) {
    this.keyCount = keyCount;
    if (keyCount > nodeOfKey.length) {
      nodeOfKey = new int[Integer.highestOneBit(keyCount) << 1];
    }
    return nodeOfKey;
  }

  /**
   * Sends each node its keys, in the order of the request.
   *
   * @return a backend that has so much to send that its feeders should pause; or null
   */
  @Nullable Backend send(
      List<Backend> backends,
      RequestFrame frame,
      Command command,
      KeyPositions keys,
      InFlight replyTo,
      Lane lane,
      PoolRecorder recorder) {
    reply = replyTo;
    merger = null;
    policy = command.responsePolicy();
    writes = command.has(CommandFlag.WRITE);
    int step = command.keyStep();
    group(backends.size(), frame, keys, step);
    unanswered = fragmentCount + 1; // one for this method: a fragment may fail before all are sent
    for (int i = 0; i < fragmentCount; i++) {
      fragments[i].begin(backends, frame, step, lane);
    }
    for (int i = 0; i < keyCount; i++) {
      Outbound out = fragmentOf(i).out;
      if (out != null) { // else it has failed
        int argument = keys.index(i);
        int start = rawStart(frame, argument);
        out.write(frame.buf(), start, rawEnd(frame, argument + step - 1) - start);
      }
    }
    recorder.fragments += fragmentCount;
    Backend overloaded = null;
    for (int i = 0; i < fragmentCount; i++) {
      Backend backend = backends.get(fragments[i].node);
      overloaded = backend.overloaded(lane) ? backend : overloaded;
    }
    answered();
    return overloaded;
  }

  /**
   * Sends every node the whole request.
   *
   * @return a backend that has so much to send that its feeders should pause; or null
   */
  @Nullable Backend sendToAll(
      List<Backend> backends,
      RequestFrame frame,
      Command command,
      InFlight replyTo,
      Lane lane,
      PoolRecorder recorder) {
    // What administers a node answers with the first node's reply, unless there is a way to merge.
    boolean firstNodes =
        command.kind() == Kind.ADMIN && command.responsePolicy() == ResponsePolicy.DEFAULT;
    policy = firstNodes ? ResponsePolicy.SPECIAL : command.responsePolicy();
    merger = Mergers.of(command);
    if (merger != null) {
      policy = ResponsePolicy.SPECIAL;
      arguments = texts(frame);
    }
    writes = command.has(CommandFlag.WRITE);
    boolean apart = command.has(CommandFlag.ALLOW_BUSY);
    return sendToAll(
        backends, frame.buf(), frame.start(), frame.length(), apart, replyTo, lane, recorder);
  }

  /**
   * Asks every node with a request of the proxy's own.
   *
   * @return a backend that has so much to send that its feeders should pause; or null
   */
  @Nullable Backend askAll(
      List<Backend> backends,
      ByteBuf request,
      Merger replyMerger,
      InFlight replyTo,
      Lane lane,
      PoolRecorder recorder) {
    policy = ResponsePolicy.SPECIAL;
    merger = replyMerger;
    writes = false;
    return sendToAll(
        backends,
        request,
        request.readerIndex(),
        request.readableBytes(),
        false,
        replyTo,
        lane,
        recorder);
  }

  private @Nullable Backend sendToAll(
      List<Backend> backends,
      ByteBuf buf,
      int index,
      int length,
      boolean apart,
      InFlight replyTo,
      Lane lane,
      PoolRecorder recorder) {
    reply = replyTo;
    keyCount = 0;
    fragmentCount = 0;
    ensureNodes(backends.size());
    unanswered = backends.size() + 1; // one for this method, as above
    Backend overloaded = null;
    for (int node = 0; node < backends.size(); node++) {
      Backend backend = backends.get(node);
      Fragment fragment = fragmentFor(node);
      fragment.backend = backend;
      if (apart) {
        sendApart(backend, buf, index, length, fragment, lane);
      } else {
        backend.send(buf, index, length, fragment, lane);
        overloaded = backend.overloaded(lane) ? backend : overloaded;
      }
    }
    recorder.fragments += fragmentCount;
    answered();
    return overloaded;
  }

  /**
   * Sends a request on a connection that it has to itself: what is to end or to tell of a running
   * script would wait for that script's end on the connection that the script came by.
   */
  static void sendApart(
      Backend backend, ByteBuf buf, int index, int length, InFlight request, Lane lane) {
    RequestStream stream = backend.stream(request, lane.ofNoDatabase(), () -> {});
    if (stream != null) {
      stream.write(buf, index, length);
      stream.end();
    }
  }

  private static List<String> texts(RequestFrame frame) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < frame.argc(); i++) {
      texts.add(
          frame.buf().toString(frame.offset(i), frame.length(i), StandardCharsets.ISO_8859_1));
    }
    return texts;
  }

  private void ensureNodes(int nodes) {
    if (nodes > fragmentOfNode.length) {
      fragmentOfNode = new Fragment[nodes];
    }
  }

  /** Counts the keys of each node and the bytes of its fragment. */
  private void group(int nodes, RequestFrame frame, KeyPositions keys, int step) {
    ensureNodes(nodes);
    fragmentCount = 0;
    for (int i = 0; i < keyCount; i++) {
      Fragment fragment = fragmentFor(nodeOfKey[i]);
      int argument = keys.index(i);
      fragment.keys++;
      fragment.requestBytes += rawEnd(frame, argument + step - 1) - rawStart(frame, argument);
    }
  }

  private Fragment fragmentFor(int node) {
    Fragment fragment = fragmentOfNode[node];
    if (fragment == null) {
      if (fragmentCount == fragments.length) {
        fragments = Arrays.copyOf(fragments, fragmentCount + 4);
        for (int i = fragmentCount; i < fragments.length; i++) {
          fragments[i] = new Fragment();
        }
      }
      fragment = fragments[fragmentCount++];
      fragment.node = node;
      fragmentOfNode[node] = fragment;
    }
    return fragment;
  }

  /** Index of the {@code $} of an argument: where the one before it ends. */
  private static int rawStart(RequestFrame frame, int argument) {
    return rawEnd(frame, argument - 1);
  }

  private static int rawEnd(RequestFrame frame, int argument) {
    return frame.offset(argument) + frame.length(argument) + 2;
  }

  private void answered() {
    if (--unanswered > 0) {
      return;
    }
    InFlight replyTo = reply;
    reply = null;
    assert replyTo != null;
    replyTo.onHeld(-held);
    held = 0;
    try {
      merge(replyTo);
    } catch (OutOfMemoryError e) { // of buffers; others on the node's connection go on
      replyTo.onFailure(NO_MEMORY);
    } finally {
      reset();
    }
  }

  private void reset() {
    for (int i = 0; i < fragmentCount; i++) {
      fragmentOfNode[fragments[i].node] = null;
      fragments[i].reset();
    }
    fragmentCount = 0;
    gathered = 0;
    merger = null;
    arguments = List.of();
    ByteBuf given = parts;
    if (given != null) {
      parts = null;
      home.smallBuffers.give(given);
    }
    if (nodeOfKey.length > MAX_KEPT_KEYS) {
      nodeOfKey = new int[64];
    }
    home.give(this);
  }

  private void merge(InFlight to) {
    Merger byMeaning = merger;
    if (byMeaning != null) {
      merge(byMeaning, to);
      return;
    }
    Fragment wrong = firstError();
    Fragment right = policy == ResponsePolicy.ONE_SUCCEEDED ? firstSuccess() : null;
    if (wrong != null && right == null) {
      wrong.giveError(to);
      return;
    }
    switch (policy) {
      case KEY_ORDER -> mergeInKeyOrder(to);
      case AGG_SUM -> mergeSum(to);
      case AGG_LOGICAL_AND -> mergeLogicalAnd(to);
      case CONCATENATED -> mergeConcatenated(to);
      case ALL_SUCCEEDED, SPECIAL -> fragments[0].giveWhole(to);
      case ONE_SUCCEEDED -> (right == null ? fragments[0] : right).giveWhole(to);
      case DEFAULT -> oneThatIsNotNil().giveWhole(to);
      case AGG_MIN, AGG_MAX, AGG_LOGICAL_OR ->
          throw new IllegalStateException("no command for several nodes has the policy " + policy);
    }
  }

  private void merge(Merger byMeaning, InFlight to) {
    Fragment wrong = firstError();
    int right = 0;
    for (int i = 0; i < fragmentCount; i++) {
      right += fragments[i].isError(policy) ? 0 : 1;
    }
    if (wrong != null && right < byMeaning.needed(fragmentCount)) {
      wrong.giveError(to);
      return;
    }
    ByteBuf out = home.allocator.directBuffer();
    try {
      byMeaning.merge(nodeReplies()).write(out);
      to.onReply(out, 0, out.readableBytes(), true);
    } catch (IllegalArgumentException e) {
      to.onFailure(NodeFailure.of(FailureKind.PROTOCOL, "Invalid reply: " + e.getMessage()));
    } finally {
      out.release();
    }
  }

  /** What those say that have not answered with an error. */
  private NodeReplies nodeReplies() {
    List<ReplyValue> values = new ArrayList<>();
    List<String> nodes = new ArrayList<>();
    for (int i = 0; i < fragmentCount; i++) {
      if (!fragments[i].isError(policy)) {
        values.add(fragments[i].value());
        nodes.add(ReplyValue.bytesOf(fragments[i].nodeName()));
      }
    }
    return new NodeReplies(values, nodes, arguments);
  }

  private @Nullable Fragment firstSuccess() {
    for (int i = 0; i < fragmentCount; i++) {
      if (!fragments[i].isError(policy)) {
        return fragments[i];
      }
    }
    return null;
  }

  /** Beginning anywhere, so that RANDOMKEY is not always the same node's. */
  private Fragment oneThatIsNotNil() {
    int start = ThreadLocalRandom.current().nextInt(fragmentCount);
    for (int i = 0; i < fragmentCount; i++) {
      Fragment fragment = fragments[(start + i) % fragmentCount];
      if (!fragment.isNil()) {
        return fragment;
      }
    }
    return fragments[0];
  }

  /** Lists of 0 and 1, all of the same length: 1 where every node says 1. */
  private void mergeLogicalAnd(InFlight to) {
    long length = fragments[0].number;
    ByteBuf out = home.allocator.directBuffer();
    try {
      Replies.writeArrayHeader(out, length);
      for (long i = 0; i < length; i++) {
        long all = 1;
        for (int j = 0; j < fragmentCount; j++) {
          all &= fragments[j].readNumber();
        }
        Replies.writeInteger(out, all);
      }
      to.onReply(out, 0, out.readableBytes(), true);
    } finally {
      out.release();
    }
  }

  private void mergeConcatenated(InFlight to) {
    long length = 0;
    for (int i = 0; i < fragmentCount; i++) {
      length += fragments[i].number;
    }
    ByteBuf header = home.batches.take();
    Replies.writeArrayHeader(header, length);
    give(header, to, false);
    for (int i = 0; i < fragmentCount; i++) {
      fragments[i].giveRest(to, i == fragmentCount - 1);
    }
  }

  private @Nullable Fragment firstError() {
    Fragment first = null;
    for (int i = 0; i < fragmentCount; i++) {
      Fragment fragment = fragments[i];
      if (fragment.isError(policy) && (first == null || fragment.node < first.node)) {
        first = fragment;
      }
    }
    return first;
  }

  private void mergeInKeyOrder(InFlight to) {
    ByteBuf piece = home.batches.take();
    try {
      Replies.writeArrayHeader(piece, keyCount);
      for (int i = 0; i < keyCount; i++) {
        Fragment fragment = fragmentOf(i);
        int length = fragment.elementLength();
        if (piece.isReadable() && piece.readableBytes() + length > MERGED_PIECE) {
          ByteBuf full = piece;
          piece = home.batches.take(); // if there is none, the full one is not given back twice
          give(full, to, false);
        }
        if (length <= MERGED_PIECE) {
          fragment.writeElement(piece, length);
        } else {
          fragment.giveElement(to, length, i == keyCount - 1);
        }
      }
      if (piece.isReadable()) {
        to.onReply(piece, 0, piece.readableBytes(), true);
      }
    } finally {
      home.batches.give(piece);
    }
  }

  private void mergeSum(InFlight to) {
    long sum = 0;
    for (int i = 0; i < fragmentCount; i++) {
      sum += fragments[i].number;
    }
    ByteBuf line = home.batches.take();
    Replies.writeInteger(line, sum);
    give(line, to, true);
  }

  /** Gives what is in a batch, and the batch back. */
  private void give(ByteBuf batch, InFlight to, boolean last) {
    try {
      to.onReply(batch, 0, batch.readableBytes(), last);
    } finally {
      home.batches.give(batch);
    }
  }

  /** Where a reply goes that came whole; null: to a buffer of its own. */
  private @Nullable ByteBuf roomFor(int length) {
    ByteBuf shared = parts;
    if (shared == null) {
      parts = shared = home.smallBuffers.take();
    }
    return shared.readableBytes() + length <= Worker.MAX_SMALL_BUFFER ? shared : null;
  }

  private Fragment fragmentOf(int key) {
    Fragment fragment = fragmentOfNode[nodeOfKey[key]];
    assert fragment != null;
    return fragment;
  }

  /** The part of the request for one node, and what the node says to it. */
  private final class Fragment extends InFlight {
    int node;
    int keys;
    int requestBytes;
    @Nullable Backend backend;
    long number;
    @Nullable Outbound out;

    /** Holds what has come of the reply: {@link #parts}, or a buffer of this fragment's own. */
    private @Nullable ByteBuf bytes;

    private boolean ownBytes;

    /** What of the reply has not been read is here. */
    private int start;

    private int end;
    private @Nullable NodeFailure failure;

    /** Writes the fragment up to its first key; the keys follow in one pass for all fragments. */
    void begin(List<Backend> backends, RequestFrame frame, int step, Lane lane) {
      int nameStart = frame.offset(0);
      while (frame.buf().getByte(nameStart) != '$') {
        nameStart--;
      }
      int nameBytes = rawEnd(frame, 0) - nameStart;
      Backend to = backends.get(node);
      backend = to;
      Outbound begun = to.begin(this, lane, requestBytes + nameBytes);
      out = begun;
      if (begun != null) {
        Replies.writeArrayHeader(begun.reserve(16), 1 + (long) keys * step);
        begun.write(frame.buf(), nameStart, nameBytes);
      }
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      gathered += length;
      if (gathered > home.maxGathered) {
        failure =
            NodeFailure.of(
                FailureKind.OVERLOADED,
                "reply of several nodes is larger than "
                    + home.maxGathered
                    + " bytes: ask for fewer keys at once");
      } else if (reply == null || !reply.wanted()) {
        forget(NodeFailure.ABANDONED);
      } else if (failure == null) {
        try {
          hold(buf, index, length, last);
        } catch (OutOfMemoryError e) { // of buffers; others on the node's connection go on
          forget(NO_MEMORY);
        }
      }
      if (last) {
        over();
      } else if (failure == null) {
        waitForRoom();
      }
    }

    private void hold(ByteBuf buf, int index, int length, boolean last) {
      ByteBuf kept = bytes;
      if (kept == null) {
        ByteBuf shared = last ? roomFor(length) : null;
        ownBytes = shared == null;
        bytes = kept = shared == null ? home.allocator.directBuffer(length) : shared;
        start = kept.writerIndex();
        end = start;
      }
      kept.writeBytes(buf, index, length);
      end = kept.writerIndex();
      hold(length);
    }

    private void waitForRoom() {
      switch (room()) {
        case ENOUGH -> {}
        case LATER -> stallNode();
        case NONE -> notHeld();
      }
    }

    private void notHeld() {
      forget(
          NodeFailure.of(
              FailureKind.OVERLOADED,
              "the reply could not be held until its turn: the client has not taken what comes"
                  + " before it"));
    }

    /** What is here of the reply is not needed, nor what comes of it. */
    private void forget(NodeFailure why) {
      failure = why;
      if (bytes != null) {
        hold(-(end - start));
        release();
      }
    }

    private void release() {
      ByteBuf kept = bytes;
      bytes = null;
      if (kept != null && ownBytes) {
        kept.release();
      }
    }

    private void hold(int length) {
      InFlight receiver = reply;
      if (receiver != null) {
        held += length;
        receiver.onHeld(length);
      }
    }

    @Override
    public Room room() {
      InFlight receiver = reply;
      return receiver == null ? Room.ENOUGH : receiver.room();
    }

    @Override
    public void onStalledTick() {
      if (room() == Room.ENOUGH) {
        unstallNode();
      }
    }

    @Override
    public void onFailure(NodeFailure nodeFailure) {
      failure = nodeFailure;
      over();
    }

    private void over() {
      InFlight whole = reply;
      Backend answered = backend;
      if (whole != null && answered != null) {
        whole.partOver(answered.node());
      }
      answered();
    }

    /** The client has not taken what comes before; others wait for the node. */
    @Override
    public void onStallTimeout() {
      InFlight receiver = reply;
      if (receiver != null) {
        receiver.onWaitedInVain();
      }
      notHeld();
    }

    private byte type() {
      ByteBuf kept = bytes;
      return kept == null || start == end ? 0 : kept.getByte(start);
    }

    /** Whether this is an error or not of the shape that the policy merges. */
    boolean isError(ResponsePolicy merged) {
      if (failure != null || type() == '-' || type() == '!') {
        return true;
      }
      boolean shaped =
          switch (merged) {
            case KEY_ORDER -> type() == '*' && readNumber() == keys;
            case AGG_SUM -> type() == ':' && readNumber() >= 0;
            case CONCATENATED -> type() == '*' && readNumber() >= 0;
            case AGG_LOGICAL_AND -> isFlags() && readNumber() == fragments[0].number;
            // What is split by its keys, MSET, knows no other success.
            case ALL_SUCCEEDED -> keys == 0 || type() == '+';
            case ONE_SUCCEEDED, DEFAULT, SPECIAL -> true;
            case AGG_MIN, AGG_MAX, AGG_LOGICAL_OR -> false;
          };
      if (!shaped) {
        failure =
            NodeFailure.of(
                FailureKind.PROTOCOL, "Invalid reply: a node answered a part of the request oddly");
      }
      return !shaped;
    }

    /** Whether this is an array of nothing but {@code :0} and {@code :1}. */
    private boolean isFlags() {
      ByteBuf kept = bytes;
      if (kept == null || type() != '*') {
        return false;
      }
      for (int at = kept.indexOf(start, end, (byte) '\n') + 1; at < end; at += 4) {
        byte digit = kept.getByte(at + 1); // no element is shorter than three bytes
        if (kept.getByte(at) != ':'
            || (digit != '0' && digit != '1')
            || kept.getByte(at + 2) != '\r') {
          return false;
        }
      }
      return kept.getByte(start + 1) != '-';
    }

    /** Reads the number of the reply's first line and goes to the next. */
    private long readNumber() {
      ByteBuf kept = bytes;
      assert kept != null;
      int at = start + 1;
      boolean negative = kept.getByte(at) == '-';
      if (negative) {
        at++;
      }
      long value = 0;
      for (byte b = kept.getByte(at++); b != '\r'; b = kept.getByte(at++)) {
        value = value * 10 + (b - '0');
      }
      start = at + 1;
      number = negative ? -value : value;
      return number;
    }

    void giveError(InFlight to) {
      NodeFailure failed = failure;
      if (failed == null) {
        giveWhole(to);
      } else if (writes) {
        to.onFailure(
            NodeFailure.of(
                failed.kind(),
                failed.text()
                    + "; the parts of the request for other nodes may have been executed"));
      } else {
        to.onFailure(failed);
      }
    }

    String nodeName() {
      Backend answered = backend;
      return answered == null ? "" : answered.node().name();
    }

    ReplyValue value() {
      ByteBuf kept = bytes;
      assert kept != null;
      return ReplyValue.read(kept.slice(start, end - start));
    }

    void giveWhole(InFlight to) {
      giveRest(to, true);
    }

    boolean isNil() {
      ByteBuf kept = bytes;
      return kept != null
          && end - start > 1
          && (type() == '_' || (type() != ':' && kept.getByte(start + 1) == '-'));
    }

    /** Gives what was not read of the reply. */
    void giveRest(InFlight to, boolean last) {
      ByteBuf kept = bytes;
      assert kept != null;
      to.onReply(kept, start, end - start, last);
    }

    /** Bytes of the next element of the array. */
    int elementLength() {
      ByteBuf kept = bytes;
      assert kept != null;
      return home.elements.feed(kept, start, end) - start;
    }

    /** Copies the next element. */
    void writeElement(ByteBuf out, int length) {
      ByteBuf kept = bytes;
      assert kept != null;
      out.writeBytes(kept, start, length);
      start += length;
    }

    /** Gives the next element as it is here. */
    void giveElement(InFlight to, int length, boolean last) {
      ByteBuf kept = bytes;
      assert kept != null;
      to.onReply(kept, start, length, last);
      start += length;
    }

    void reset() {
      release();
      keys = 0;
      requestBytes = 0;
      out = null;
      failure = null;
    }
  }
}
