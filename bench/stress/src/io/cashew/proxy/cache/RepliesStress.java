package io.cashew.proxy.cache;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two fills under way together, and others write before the second: whoever was told 1 by a server
 * is not given 0 from memory afterwards, whichever reply was kept. A client that was told 1 looks
 * at once, when the other fill may not have put what it keeps, and the arbiter when both are over.
 */
@JCStressTest
@Outcome(id = "[01], 1, (-1|1)", expect = ACCEPTABLE, desc = "nobody goes back")
@Outcome(expect = FORBIDDEN, desc = "somebody was told 1, and then given 0")
@State
public class RepliesStress {
  /** A client has gone back. */
  private static final int BACK = 9;

  private final Memory memory = new Memory();

  private int told() {
    return memory.get(reply -> reply == 1 && memory.fromMemory() == 0 ? BACK : reply);
  }

  @Actor
  public void one(III_Result seen) {
    seen.r1 = told();
  }

  @Actor
  public void other(III_Result seen) {
    memory.setByOthers(1);
    seen.r2 = told();
  }

  /** The other actor was told 1 in any case. */
  @Arbiter
  public void later(III_Result seen) {
    seen.r3 = memory.fromMemory();
  }
}
