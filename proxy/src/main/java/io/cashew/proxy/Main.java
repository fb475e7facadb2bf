package io.cashew.proxy;

import io.cashew.proxy.cli.CommandLines;
import io.cashew.proxy.process.Serving;
import java.security.Security;

/** The program {@code cashew}. */
public final class Main {
  private Main() {}

  /**
   * Runs a command and exits with its status: 0, 1 if it fails, 2 if it is used wrongly.
   *
   * @param arguments a sub-command, its options and parameters
   */
  public static void main(String[] arguments) {
    // Before the first name is looked up: the JVM reads these once. Nodes move, and names appear.
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    Serving serving = new Serving();
    try {
      serving.exit(CommandLines.run(arguments, serving));
    } catch (
        Error broken) { // a class is missing, say, while threads run that would keep the process
      broken.printStackTrace();
      System.exit(1);
    }
  }
}
