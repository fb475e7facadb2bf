package io.cashew.proxy.process;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the system. Java has no way of its own to hear one but to end, and {@code
 * sun.misc.Signal}, in the supported module {@code jdk.unsupported}, cannot be named under {@code
 * -Werror}: it is found by its name.
 */
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /**
   * Runs {@code task}, on a thread of the JVM's, for each signal of this name.
   *
   * @param name without SIG: {@code HUP}
   * @param otherwise what the signal does where that is not possible, for the log
   */
  static void handle(String name, String otherwise, Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object hears =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> answer(task, proxy, method, arguments));
      Object named = signal.getConstructor(String.class).newInstance(name);
      Object before = signal.getMethod("handle", signal, handler).invoke(null, named, hears);
      if (before == handler.getField("SIG_IGN").get(null)) { // the JVM leaves it so
        LOG.warn(
            "SIG{} does nothing here: the process was started with it ignored, as nohup does",
            name);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.warn("SIG{} {}: {}", name, otherwise, e.toString());
    }
  }

  private static Object answer(Runnable task, Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(proxy);
      case "equals" -> proxy == arguments[0];
      case "toString" -> "signal handler";
      default -> {
        task.run();
        yield NOTHING;
      }
    };
  }

  /** What a method without a result gives: it is dropped. */
  private static final Object NOTHING = new Object();
}
