package io.cashew.proxy.client.reply;

/** How much a client is owed, which its next request may have to wait for. */
public interface Load {
  /** Whether no reply is owed. */
  boolean isEmpty();

  /** Whether a request that waits because of merged replies has to go on waiting. */
  boolean stillFullOfMerged();

  /** How many replies are over, those included that are here before their turn; never less. */
  long repliesOver();

  /**
   * Whether no more requests are to be taken.
   *
   * @param paused whether none are taken now: then half of what is owed has to be given first
   */
  boolean full(boolean paused);
}
