package io.cashew.proxy.route.computed;

/**
 * How the nodes write what is computed here in their place.
 *
 * @param resp3 whether the client speaks RESP3
 * @param allDigits whether scores have 17 digits, as before Redis 7.2; else as few as tell them
 *     from others
 */
public record ReplyStyle(boolean resp3, boolean allDigits) {}
