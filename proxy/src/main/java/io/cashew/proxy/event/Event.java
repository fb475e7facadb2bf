package io.cashew.proxy.event;

/**
 * What has happened.
 *
 * @param id one more than that of the event before
 * @param atMillis since 1970
 * @param level as in the log: INFO, WARN, ERROR
 * @param kind a name of {@link Events}
 * @param pool empty: none
 * @param node empty: none
 * @param millis how long what ends with it has lasted; -1: nothing
 * @param text for people, as in the log
 */
public record Event(
    long id,
    long atMillis,
    String level,
    String kind,
    String pool,
    String node,
    long millis,
    String text) {}
