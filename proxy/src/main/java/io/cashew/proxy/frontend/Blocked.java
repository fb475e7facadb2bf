package io.cashew.proxy.frontend;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lease;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A blocking command that a client waits for, on connections that it leases. Confined to the
 * worker.
 *
 * <p>Nearly all wait on the node of their keys. {@code WAIT} asks every node, and its reply is the
 * least number of each: so many replicas have what was written, wherever it was.
 */
final class Blocked {
  private static final byte[] PING = Replies.bytes("*1\r\n$4\r\nPING\r\n");

  private final ReplySlot slot;
  private final Runnable over;
  private final List<Lease> leases = new ArrayList<>();
  private int unanswered;
  private long @Nullable [] least;
  private @Nullable String error;
  private @Nullable NodeFailure failure;

  /**
   * Waits in {@code slot}.
   *
   * @param over runs when the reply is there
   */
  Blocked(ReplySlot slot, Runnable over) {
    this.slot = slot;
    this.over = over;
    slot.whenOver(type -> end());
  }

  /** Waits on one node. */
  void on(Backend backend, ClientHandler client, RequestFrame frame, Command command) {
    Lease lease = lease(backend, client, frame, command);
    if (lease == null) {
      slot.onFailure(backend.leaseFailure());
    } else {
      lease.send(frame.buf(), frame.start(), frame.length(), slot);
    }
  }

  /** Waits on all nodes, for the writes of this client, which went over other connections. */
  void onAll(List<Backend> backends, ClientHandler client, RequestFrame frame, Command command) {
    unanswered = backends.size();
    for (Backend backend : backends) {
      Part part = new Part(client.pool().settings().gatheredRequestBytes());
      Lease lease = lease(backend, client, frame, command);
      if (lease == null) {
        part.onFailure(backend.leaseFailure());
      } else {
        // A node waits for what it has written up to a connection's last command.
        lease.send(PING, text -> {});
        lease.send(frame.buf(), frame.start(), frame.length(), part);
      }
    }
  }

  private @Nullable Lease lease(
      Backend backend, ClientHandler client, RequestFrame frame, Command command) {
    Lease lease = backend.lease(client.lane());
    if (lease != null) {
      leases.add(lease);
      lease.patience(command.blocksMillis(frame));
    }
    return lease;
  }

  /**
   * Ends the wait.
   *
   * @param done hears whether there was one
   */
  void unblock(boolean withError, Consumer<Boolean> done) {
    for (int i = 1; i < leases.size(); i++) {
      leases.get(i).unblock(withError, unblocked -> {});
    }
    leases.get(0).unblock(withError, done);
  }

  /** Whether it waits on a node that takes no more requests. */
  boolean waitsInVain() {
    return leases.stream().anyMatch(lease -> lease.backend().retired());
  }

  /** The client leaves: its nodes forget it at once. */
  void abandon() {
    List.copyOf(leases).forEach(Lease::close);
  }

  private void end() {
    leases.forEach(Lease::giveBack);
    over.run();
  }

  private void answered() {
    if (--unanswered > 0) {
      return;
    }
    if (failure != null) {
      slot.onFailure(failure); // which ends it
    } else {
      end();
      String reply = error == null ? reply() : error + "\r\n";
      slot.give(reply.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** An integer, or an array of integers, as each node said. */
  private String reply() {
    StringBuilder reply = new StringBuilder();
    long[] numbers = least == null ? new long[1] : least;
    if (numbers.length > 1) {
      reply.append('*').append(numbers.length).append("\r\n");
    }
    for (long number : numbers) {
      reply.append(':').append(number).append("\r\n");
    }
    return reply.toString();
  }

  /** What one node says. */
  private final class Part extends InFlight {
    private final int most;
    private final StringBuilder text = new StringBuilder();

    Part(int most) {
      this.most = most;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      int taken = Math.min(length, most - text.length());
      text.append(buf.toString(index, taken, StandardCharsets.ISO_8859_1));
      if (last) {
        // A node's words are its client's to the byte: Redis ends some with a blank.
        String whole = text.toString().replaceFirst("\r\n$", "");
        if (whole.startsWith("-")) {
          error = error == null ? whole : error;
        } else {
          merge(whole);
        }
        answered();
      }
    }

    private void merge(String whole) {
      long[] numbers =
          Arrays.stream(whole.split("\r\n"))
              .filter(line -> line.startsWith(":"))
              .mapToLong(line -> Long.parseLong(line.substring(1)))
              .toArray();
      long[] before = least;
      if (before == null || before.length != numbers.length) {
        least = numbers;
      } else {
        for (int i = 0; i < numbers.length; i++) {
          before[i] = Math.min(before[i], numbers[i]);
        }
      }
    }

    @Override
    public void onFailure(NodeFailure cause) {
      failure = failure == null ? cause : failure;
      answered();
    }

    /** Never stalls: the reply is held whole. */
    @Override
    public void onStallTimeout() {}
  }
}
