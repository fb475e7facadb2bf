package io.cashew.proxy.control;

/**
 * What became of an attempt to take a configuration over.
 *
 * @param outcome how it ended
 * @param text for people; one line or more
 */
public record ReloadResult(Outcome outcome, String text) {

  /** How an attempt ended. */
  public enum Outcome {
    /** The file's configuration is in force, or was already. */
    DONE,

    /** The file is wrong: nothing has changed. */
    INVALID,

    /** The file is right and cannot be taken over here and now: nothing has changed. */
    REFUSED
  }
}
