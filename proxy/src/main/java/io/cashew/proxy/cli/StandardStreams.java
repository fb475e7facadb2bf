package io.cashew.proxy.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What a command reads and writes, as bytes: keys are bytes, and must not pass through the
 * character set of a terminal.
 */
record StandardStreams(InputStream in, OutputStream out, OutputStream err) {

  /** The program's own. */
  static StandardStreams ofProcess() {
    return new StandardStreams(
        new FileInputStream(FileDescriptor.in),
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err));
  }
}
