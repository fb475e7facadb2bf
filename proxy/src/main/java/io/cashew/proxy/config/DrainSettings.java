package io.cashew.proxy.config;

/**
 * How a stop goes.
 *
 * @param delayMillis how long it goes on serving while it says that it is not ready
 * @param timeoutMillis how long clients have to leave after that
 */
public record DrainSettings(long delayMillis, long timeoutMillis) {}
