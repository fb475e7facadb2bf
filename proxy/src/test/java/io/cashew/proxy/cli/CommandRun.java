package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.process.ProxyRunner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collection;
import picocli.CommandLine;

/** One run of the command line in this process, with its output as a file would have it. */
record CommandRun(int status, String out, String err) {

  static CommandRun of(String... arguments) {
    return withInput(new byte[0], arguments);
  }

  static CommandRun withInput(byte[] input, String... arguments) {
    return withRunner((settings, file) -> 0, input, arguments);
  }

  static CommandRun withRunner(ProxyRunner runner, byte[] input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    StandardStreams streams = new StandardStreams(new ByteArrayInputStream(input), out, err);
    int status = CommandLines.of(runner, streams).execute(arguments);
    return new CommandRun(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** The sub-commands. */
  static Collection<CommandLine> commands() {
    StandardStreams none =
        new StandardStreams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream());
    return CommandLines.of((settings, file) -> 0, none).getSubcommands().values();
  }
}
