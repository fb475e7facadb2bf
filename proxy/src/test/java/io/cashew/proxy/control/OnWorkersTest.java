package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever asks the workers hears of it when all have answered, whatever becomes of one of them. */
final class OnWorkersTest {
  private final VirtualWorker one = new VirtualWorker();
  private final VirtualWorker other = new VirtualWorker();
  private final List<Boolean> heard = new ArrayList<>();
  private final OnWorkers workers =
      new OnWorkers(List.of(part(one), part(other)), Runnable::run); // heard on a worker

  private static PoolOnWorker part(VirtualWorker worker) {
    return VirtualPart.of(worker, new VirtualPool(worker, new InMemoryServer(worker)));
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  private List<Boolean> ask(Predicate<PoolOnWorker> question) {
    workers.ask(question, heard::add);
    one.settle();
    other.settle();
    return heard;
  }

  private boolean isOther(PoolOnWorker part) {
    return part.worker() == other.worker();
  }

  @Test
  void allHaveToSayYes() {
    assertEquals(List.of(true), ask(part -> true));
    assertEquals(List.of(true, false), ask(this::isOther));
  }

  /** One says yes, and the other does this instead of answering. */
  private List<Boolean> askWhile(Runnable other) {
    return ask(
        part -> {
          if (isOther(part)) {
            other.run();
          }
          return true;
        });
  }

  @Test
  void oneWithADefectHasSaidNo() {
    assertEquals(
        List.of(false),
        askWhile(
            () -> {
              throw new IllegalStateException("on purpose");
            }));
  }

  @Test
  void oneWithAnErrorHasSaidNo() {
    assertEquals(
        List.of(false),
        askWhile(
            () -> {
              throw new AssertionError("on purpose");
            }));
  }

  @Test
  void oneThatHasStoppedHasSaidNo() {
    other.close();
    workers.ask(part -> true, heard::add);
    one.settle();
    assertEquals(List.of(false), heard);
  }
}
