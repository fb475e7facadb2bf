package io.cashew.proxy.acl;

/**
 * What an access check says of a request. The order is that of Redis's reasons: if no selector of a
 * user allows a request, the one that came furthest gives the reason.
 */
public enum Verdict {
  ALLOWED,
  /** The user may not run the command. */
  COMMAND,
  /** The user may not use a key in this way. */
  KEY,
  /** The user may not use a channel, or not this pattern of channels. */
  CHANNEL,
  /** A {@code SORT} reads keys by a pattern, which takes the right to read all keys. */
  SORT_PATTERN,
  /** It does not say where its keys are: whatever the user may do, this is an error. */
  MALFORMED
}
