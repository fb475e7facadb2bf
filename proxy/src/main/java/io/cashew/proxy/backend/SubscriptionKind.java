package io.cashew.proxy.backend;

/** What a client can listen to, and Redis's words for it. */
public enum SubscriptionKind {
  CHANNEL("subscribe", "unsubscribe", "message"),
  PATTERN("psubscribe", "punsubscribe", "pmessage"),
  SHARD_CHANNEL("ssubscribe", "sunsubscribe", "smessage");

  private final String joinWord;
  private final String leaveWord;
  private final String messageWord;

  SubscriptionKind(String joinWord, String leaveWord, String messageWord) {
    this.joinWord = joinWord;
    this.leaveWord = leaveWord;
    this.messageWord = messageWord;
  }

  /** The command that begins to listen, or ends it; a confirmation begins with it, too. */
  public String word(boolean joins) {
    return joins ? joinWord : leaveWord;
  }

  /** What a message begins with. */
  String messageWord() {
    return messageWord;
  }

  /** Elements of a message: a pattern's tells the channel, too. */
  int messageElements() {
    return this == PATTERN ? 4 : 3;
  }
}
