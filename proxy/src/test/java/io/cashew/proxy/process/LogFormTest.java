package io.cashew.proxy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.cashew.proxy.config.LogFormat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LogFormTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();

  private Logger logger(LogFormat format) {
    PatternLayoutEncoder text = new PatternLayoutEncoder();
    text.setContext(loggers);
    text.setPattern("%level %msg%n");
    text.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(loggers);
    appender.setEncoder(text);
    appender.setOutputStream(out);
    appender.start();
    Logger logger = loggers.getLogger("test." + format);
    logger.detachAndStopAllAppenders();
    logger.setAdditive(false);
    logger.setLevel(Level.INFO);
    logger.addAppender(appender);
    LogForm.use(format, logger);
    return logger;
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static Config json(String line) {
    return ConfigFactory.parseString(
        line, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }

  @Test
  void textStaysText() {
    logger(LogFormat.TEXT).info("pool '{}' listens", "a");
    assertEquals(List.of("INFO pool 'a' listens"), lines());
    assertThrows(com.typesafe.config.ConfigException.class, () -> json(lines().get(0)));
  }

  @Test
  void eachLineOfJsonIsAnObject() {
    Logger logger = logger(LogFormat.JSON);
    logger.warn("key \"{}\" is\nslow\u0001", "a\\b\u00e9");
    logger.error("broken", new IllegalStateException("why \"so\"?"));
    assertEquals(2, lines().size());
    Config first = json(lines().get(0));
    assertEquals("key \"a\\b\u00e9\" is\nslow\u0001", first.getString("formattedMessage"));
    assertEquals("WARN", first.getString("level"));
    assertEquals("test.JSON", first.getString("loggerName"));
    assertTrue(first.getLong("timestamp") > 0);
    Config second = json(lines().get(1));
    assertEquals("why \"so\"?", second.getString("throwable.message"));
  }
}
