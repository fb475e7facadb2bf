package io.cashew.proxy.insight;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of an access log, and the thread that writes it: workers hand over buffers full of lines
 * ({@link AccessLines}) and never wait for the disk. What it does not take in time is dropped.
 *
 * <p>Once a second it looks whether the file is still there; if it was moved away, as logrotate
 * does, it makes a new one.
 */
public final class AccessLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

  private static final int BUFFERS = 64;
  private static final long LOOK_MILLIS = 1000;
  private static final long CLOSE_MILLIS = 2000;

  /** Lines of one worker. */
  record Full(byte[] bytes, int length, int lines) {}

  private final Path file;
  private final ArrayBlockingQueue<Full> full = new ArrayBlockingQueue<>(BUFFERS);
  private final ArrayBlockingQueue<byte[]> spare = new ArrayBlockingQueue<>(BUFFERS);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private volatile boolean closing;
  private volatile boolean isOn = true;
  private OutputStream out;
  private @Nullable Object identity;
  private boolean failing;

  /**
   * Opens the file, which is appended to.
   *
   * @throws IOException if it cannot be written
   */
  public AccessLog(Path file) throws IOException {
    check(file);
    this.file = file;
    out = open();
    writer = new Thread(this::write, "access-log");
    writer.setDaemon(true);
    writer.start();
  }

  /**
   * Looks whether a file can be an access log, and makes none.
   *
   * @throws IOException if it cannot; the message says why
   */
  public static void check(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    String why = null;
    if (directory == null || !Files.isDirectory(directory)) {
      why = "there is no directory " + directory;
    } else if (Files.isDirectory(file)) {
      why = "it is a directory";
    } else if (!Files.isWritable(Files.exists(file) ? file : directory)) {
      why = "this user may not write there";
    }
    if (why != null) {
      throw new IOException("access-log.file " + file + " cannot be written: " + why);
    }
  }

  private OutputStream open() throws IOException {
    OutputStream opened =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    identity = identityOfFile();
    return opened;
  }

  /** Tells whether a path still leads to the same file. */
  private Object identityOfFile() throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    Object key = attributes.fileKey();
    return key == null ? attributes.creationTime() : key;
  }

  /** Whether requests are to be noted. */
  public boolean isOn() {
    return isOn;
  }

  /** Notes requests from now on, or none; from any thread. */
  public void isOn(boolean on) {
    isOn = on;
  }

  /** Takes ownership of a buffer; gives another one to go on with. */
  byte[] exchange(byte[] bytes, int length, int lines) {
    if (!full.offer(new Full(bytes, length, lines))) {
      dropped.addAndGet(lines);
      return bytes;
    }
    byte[] next = spare.poll();
    return next == null ? new byte[bytes.length] : next;
  }

  /** Lines that were not written. */
  public long dropped() {
    return dropped.get();
  }

  private void write() {
    long lookedNanos = System.nanoTime();
    try {
      while (!closing || !full.isEmpty()) {
        Full next = full.poll(closing ? 0 : LOOK_MILLIS, TimeUnit.MILLISECONDS);
        long now = System.nanoTime();
        if (now - lookedNanos > TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)) {
          lookedNanos = now;
          reopenIfMoved();
        }
        if (next != null) {
          write(next);
          spare.offer(next.bytes());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeFile();
    }
  }

  private void write(Full lines) {
    try {
      out.write(lines.bytes(), 0, lines.length());
      failing = false;
    } catch (IOException e) {
      dropped.addAndGet(lines.lines());
      failed(e);
    }
  }

  private void reopenIfMoved() {
    try {
      if (!Files.exists(file) || !identityOfFile().equals(identity)) {
        closeFile();
        out = open();
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Once, until it goes on. */
  private void failed(IOException cause) {
    if (!failing) {
      failing = true;
      LOG.error("access log {} cannot be written, lines are lost: {}", file, cause.toString());
    }
  }

  private void closeFile() {
    try {
      out.close();
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Writes what was handed over, and ends. */
  @Override
  public void close() {
    closing = true;
    try {
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
