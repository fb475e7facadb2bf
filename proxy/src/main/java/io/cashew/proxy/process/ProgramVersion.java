package io.cashew.proxy.process;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of the program. */
public final class ProgramVersion {
  private ProgramVersion() {}

  /**
   * The version that the build wrote into the jar: {@code 1.2.3}.
   *
   * @throws IOException if there is none
   */
  public static String text() throws IOException {
    Properties build = new Properties();
    try (InputStream in = ProgramVersion.class.getResourceAsStream("build.properties")) {
      if (in == null) {
        throw new IOException("the program lacks its build.properties");
      }
      build.load(in);
    }
    return build.getProperty("version");
  }
}
