package io.cashew.hashing.function;

/**
 * The two bytes that enclose the part of a key that is hashed.
 *
 * @param open the byte before the tag
 * @param close the byte after it; may equal {@code open}
 */
public record HashTag(byte open, byte close) {}
