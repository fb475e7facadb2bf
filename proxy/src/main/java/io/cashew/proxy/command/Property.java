package io.cashew.proxy.command;

/** What the proxy has to know of a command that Redis does not publish. */
public enum Property implements Trait {
  /** Carried out at once between {@code MULTI} and {@code EXEC}, where others are queued. */
  NOT_QUEUED,

  /** Executes what is queued. */
  EXECUTES_QUEUED,

  /** Answered by the proxy, and by a node in the same words: it may be queued there. */
  NODE_ANSWERS_AS_WELL,

  /** Chooses the database that later commands mean. */
  SELECTS_DATABASE,

  /** Taken from a client of RESP2 that listens to a channel. */
  FOR_LISTENERS,

  /** May reach replicas although it is no {@link CommandFlag#WRITE}; Redis's "may replicate". */
  MAY_REPLICATE,

  /** Answers with what is in the data, as those that are {@link CommandFlag#READONLY} do. */
  TELLS_OF_DATA,

  /** Only reads, and what a copy of the data says to it is something else. */
  OF_ONE_COPY,

  /** Makes a script known that is run by its digest later. */
  LOADS_SCRIPT,

  /** Sets values of a node's configuration, passwords among them. */
  SETS_CONFIGURATION,

  /** Answers with settings of a node, some of which are told to everybody. */
  TELLS_SETTINGS,

  /** May give keys what blocking commands wait for, whatever its flags say. */
  SERVES_WAITERS
}
