package io.cashew.proxy.insight;

/**
 * A key that is asked for often.
 *
 * @param key its first {@link HotKeys#KEY_BYTES_MAX} bytes
 * @param perSecond about how many requests name it each second
 * @param share of all keys that requests name, 0 to 1
 */
public record HotKey(byte[] key, double perSecond, double share) {}
