package io.cashew.proxy.process;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import io.cashew.proxy.config.LogFormat;
import java.util.Iterator;
import org.slf4j.LoggerFactory;

/** Gives the log the form that the configuration asks for. */
final class LogForm {
  private LogForm() {}

  /** What is logged before the configuration is read is text, and is left so. */
  static void use(LogFormat format) {
    use(format, (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
  }

  /** The same for what is logged below {@code root}. */
  static void use(LogFormat format, Logger root) {
    switch (format) {
      case TEXT -> {}
      case JSON -> json(root);
    }
  }

  private static void json(Logger root) {
    LoggerContext loggers = root.getLoggerContext();
    Iterator<Appender<ILoggingEvent>> appenders = root.iteratorForAppenders();
    while (appenders.hasNext()) {
      if (appenders.next() instanceof OutputStreamAppender<ILoggingEvent> appender) {
        appender.setEncoder(encoder(loggers)); // stopped, it would close its stream
      }
    }
  }

  private static JsonEncoder encoder(LoggerContext loggers) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(loggers);
    encoder.setWithFormattedMessage(true);
    // What it would repeat in each line, or in other words.
    encoder.setWithContext(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithMarkers(false);
    encoder.setWithMDC(false);
    encoder.setWithKVPList(false);
    encoder.start();
    return encoder;
  }
}
