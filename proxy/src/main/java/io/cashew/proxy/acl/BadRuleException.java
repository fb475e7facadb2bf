package io.cashew.proxy.acl;

/**
 * A rule that Redis would refuse, with Redis's words. It never has a password in it, and no stack
 * trace: whoever wrote the rule is at fault.
 */
public final class BadRuleException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String rule;

  /**
   * @param rule as it may be shown
   * @param reason in Redis's words
   */
  BadRuleException(String rule, String reason) {
    super("rule '" + rule + "': " + reason, null, false, false);
    this.rule = rule;
  }

  /** The rule at fault; a password in it is left out. */
  public String rule() {
    return rule;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
