package io.cashew.proxy.cache;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A fill on one worker against a write on another: behind its answer nobody is given 0. */
@JCStressTest
@Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "nothing is kept")
@Outcome(id = "-1, 1", expect = ACCEPTABLE, desc = "what was kept later is the new value")
@Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "the new value, ended by another reply")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the new value is kept")
@Outcome(expect = FORBIDDEN, desc = "an older value than was acknowledged")
@State
public class WritesStress {
  private final Memory memory = new Memory();

  @Actor
  public void fill() {
    memory.get(reply -> reply);
  }

  @Actor
  public void write(II_Result seen) {
    memory.set(1);
    seen.r1 = memory.fromMemory();
  }

  @Arbiter
  public void later(II_Result seen) {
    seen.r2 = memory.fromMemory();
  }
}
