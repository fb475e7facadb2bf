package io.cashew.proxy.insight;

/**
 * A large request or reply.
 *
 * @param key of the request, the first one; empty if there is none
 * @param bytes of it
 * @param isReply whether the reply was so large; else the request was
 * @param command name of the command
 * @param node that had it
 */
public record BigKey(byte[] key, long bytes, boolean isReply, String command, String node) {}
