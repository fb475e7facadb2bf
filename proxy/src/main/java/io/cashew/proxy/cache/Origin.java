package io.cashew.proxy.cache;

/**
 * Who is to say something of a key, as it was when it was asked: what is kept counts from then, not
 * from when the reply came.
 *
 * @param era of the source
 * @param flushes how often everything was forgotten that it had said
 * @param group the key's
 * @param stamp since when the group has had its server
 */
record Origin(Source source, long era, long flushes, int group, long stamp) {

  /** Of what is asked now. */
  static Origin of(Source source, Ownership ownership, KeyBytes key) {
    long era = source.era();
    long flushes = source.flushes();
    int group = ownership.group(key);
    return new Origin(source, era, flushes, group, ownership.stamp(group));
  }
}
