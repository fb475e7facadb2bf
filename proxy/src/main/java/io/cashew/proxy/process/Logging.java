package io.cashew.proxy.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * How the program logs: one line an event, to standard error. The level comes from the system
 * property or the environment variable {@code CASHEW_LOG_LEVEL}, or else from the configuration.
 *
 * <p>It is set up here and not by an XML file, whose parser costs a start a tenth of a second.
 * Whoever wants another one names it with {@code -Dlogback.configurationFile=FILE}.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String OWN_FILE = "logback.configurationFile";
  private static final String LEVEL = "CASHEW_LOG_LEVEL";
  private static final String CONSOLE = "stderr";

  /** What the configuration says. */
  private static Level configured = Level.INFO;

  /** What an operator wants instead; null: nothing else. */
  private static @Nullable Level atRunTime;

  @Override
  public ExecutionStatus configure(LoggerContext loggers) {
    if (System.getProperty(OWN_FILE) != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg%n");
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(loggers);
    console.setName(CONSOLE);
    console.setTarget("System.err");
    console.setEncoder(encoder);
    console.start();
    Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    show(root, console, Level.toLevel(ofEnvironment(), Level.INFO));
    root.addAppender(console);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static @Nullable String ofEnvironment() {
    return System.getProperty(LEVEL, System.getenv(LEVEL));
  }

  /**
   * Shows lines from this level on, unless the environment names another one or the log is set up
   * by a file of its own.
   */
  static synchronized void show(org.slf4j.event.Level level) {
    configured = Level.convertAnSLF4JLevel(level);
    if (ofEnvironment() == null && atRunTime == null) {
      showOnConsole(configured);
    }
  }

  /**
   * Shows lines from this level on whatever the configuration and the environment say.
   *
   * @param name of a level; {@code config}: as they say, again
   * @return what is shown now
   */
  static synchronized String showAtRunTime(String name) {
    atRunTime = name.equals("config") ? null : Level.toLevel(name);
    Level level = atRunTime == null ? Level.toLevel(ofEnvironment(), configured) : atRunTime;
    return showOnConsole(level)
        ? "lines of the log are shown from " + level + " on"
        : "the log is set up by a file of its own, whose levels hold";
  }

  private static boolean showOnConsole(Level level) {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Appender<ILoggingEvent> console = root.getAppender(CONSOLE);
    if (console != null) {
      show(root, console, level);
    }
    return console != null;
  }

  private static void show(Logger root, Appender<ILoggingEvent> console, Level level) {
    ThresholdFilter shown = new ThresholdFilter();
    shown.setLevel(level.toString());
    shown.start();
    console.clearAllFilters();
    console.addFilter(shown);
    // Events are kept whether they are shown or not.
    root.setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.INFO : level);
  }
}
