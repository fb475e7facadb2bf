package io.cashew.proxy;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP. Java has no way of its own to hear a signal but to end, and {@code sun.misc.Signal}, in
 * the supported module {@code jdk.unsupported}, cannot be named under {@code -Werror}: it is found
 * by its name.
 */
final class HangUp {
  private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

  private HangUp() {}

  /** Runs {@code task}, on a thread of the JVM's, for each SIGHUP; else that ends the process. */
  static void handle(Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object hears =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> answer(task, proxy, method, arguments));
      Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
      signal.getMethod("handle", signal, handler).invoke(null, hangUp, hears);
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.warn("SIGHUP ends the process here, it does not reload: {}", e.toString());
    }
  }

  private static Object answer(Runnable task, Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(proxy);
      case "equals" -> proxy == arguments[0];
      case "toString" -> "reload";
      default -> {
        task.run();
        yield NOTHING;
      }
    };
  }

  /** What a method without a result gives: it is dropped. */
  private static final Object NOTHING = new Object();
}
