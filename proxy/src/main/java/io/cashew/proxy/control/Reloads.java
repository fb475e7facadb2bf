package io.cashew.proxy.control;

import java.util.concurrent.CompletionStage;

/** The configuration as others see it: what runs, and the way to another. Any thread may ask. */
public interface Reloads {

  /**
   * Reads the file and takes it over, after those who have asked before.
   *
   * @param trigger who asks, for the log
   * @return what became of it; fails only with an {@link Error}, as of memory
   */
  CompletionStage<ReloadResult> reload(String trigger);

  /** How things stand. */
  ConfigStatus status();
}
