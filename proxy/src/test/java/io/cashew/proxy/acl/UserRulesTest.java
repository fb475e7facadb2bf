package io.cashew.proxy.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserRulesTest {
  private static final CommandTable TABLE = CommandTable.standard();
  private static final String SECRET_SHA256 =
      "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

  private static User user(String rules) throws BadRuleException {
    return User.of("alice", rules, TABLE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "''; off sanitize-payload resetchannels -@all",
        "on nopass ~* &* +@all; on nopass sanitize-payload ~* &* +@all",
        "on ALLKEYS AllChannels allcommands; on sanitize-payload ~* &* +@all",
        "+get +set -get; off sanitize-payload resetchannels -@all +set -get",
        "+client|kill +client|id -client; off sanitize-payload resetchannels -@all -client",
        "-client +client|id; off sanitize-payload resetchannels -@all -client +client|id",
        "+@all -@dangerous +KEYS; off sanitize-payload resetchannels +@all -@dangerous +keys",
        "+SELECT|0 +@string; off sanitize-payload resetchannels -@all +select|0 +@string",
        "%R~a %W~a %wr~b %W~c; off sanitize-payload ~a ~b %W~c resetchannels -@all",
        "&a &b &a; off sanitize-payload resetchannels &a &b -@all",
        "(+get ~x) ( +set   %R~y &z ); off sanitize-payload resetchannels -@all (~x resetchannels"
            + " -@all +get) (%R~y resetchannels &z -@all +set)",
        "on ~a +get (+set) reset; off sanitize-payload resetchannels -@all",
        "(+get) clearselectors skip-sanitize-payload; off skip-sanitize-payload resetchannels -@all"
      })
  void rulesArePrintedAsRedisPrintsThem(String rules, String printed) throws BadRuleException {
    User user = user(rules.equals("''") ? "" : rules);
    assertEquals(printed, user.rules());
    assertEquals(printed, user(user.rules()).rules());
  }

  @Test
  void passwordsAreKeptAsHashes() throws BadRuleException {
    User user = user("on >secret #" + SECRET_SHA256 + " >other <other");
    assertEquals(List.of(SECRET_SHA256), user.passwords());
    assertTrue(user.admits(bytes("secret")));
    assertFalse(user.admits(bytes("other")));
    assertFalse(user.admits(bytes("")));
    assertFalse(user.admits(bytes(SECRET_SHA256)));
    assertEquals(user.rules(), user("on").withPassword("secret").rules());
    assertEquals(user.rules(), user("on nopass").withHash(SECRET_SHA256).rules());
    assertFalse(user("off >secret").admits(bytes("secret")));
    assertFalse(user("on").admits(bytes("")));
    assertTrue(user("on >secret nopass").admits(bytes("anything")));
    assertFalse(user("on nopass resetpass").admits(bytes("")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "on >hunter2 <hunter3",
        "on #hunter2",
        "on !hunter2",
        "on >my hunter2",
        "on >my +hunter2",
        "!2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
      })
  void noErrorHasAPassword(String rules) {
    String message =
        String.valueOf(assertThrows(BadRuleException.class, () -> user(rules)).getMessage());
    assertFalse(message.contains("hunter"), message);
    assertFalse(message.contains("2bb80"), message);
  }

  @Test
  void onlyWhoMayDoEverythingIsUnrestricted() throws BadRuleException {
    assertTrue(user("~* &* +@all").unrestricted());
    assertTrue(user("(~* &* +@all)").unrestricted());
    assertFalse(user("~* +@all").unrestricted());
    assertFalse(user("&* +@all").unrestricted());
    assertFalse(user("~* &* +@all -get").unrestricted());
    assertFalse(user("~* &* +@all (+get)").selectors().get(1).allowsEverything());
  }

  @Test
  void commandsThatComeLaterFollowAllAndNotCategories() throws BadRuleException {
    CommandTable more = TABLE.with(List.of(Command.ofModule("my.get", 2, 1, 1, 1, false)));
    Command get = more.find("my.get");
    assertNotNull(get);
    assertEquals(TABLE.ids(), get.id());
    assertTrue(user("+@all -set").selectors().get(0).allows(get));
    assertFalse(user("-@all +@read").selectors().get(0).allows(get));
    assertTrue(User.of("a", "+my.get", more).selectors().get(0).allows(get));
    assertThrows(BadRuleException.class, () -> user("+my.get"));
  }

  @Test
  void everyRowHasAnIdOfItsOwn() {
    assertEquals(TABLE.all().size(), TABLE.all().stream().map(Command::id).distinct().count());
    assertEquals(TABLE.all().size(), TABLE.ids());
    for (Command row : TABLE.all()) {
      for (Command subcommand : row.subcommands()) {
        Command same = TABLE.find(subcommand.name());
        assertNotNull(same);
        assertEquals(same.id(), subcommand.id());
      }
    }
  }

  @Test
  void theDefaultUserMayDoEverythingUnlessItHasRules() throws BadRuleException {
    Users open = Users.of(Map.of(), null, TABLE);
    assertTrue(open.open());
    assertTrue(open.defaultUser().unrestricted());
    assertEquals("on nopass sanitize-payload ~* &* +@all", open.defaultUser().rules());
    Users closed = Users.of(Map.of("bob", "on >b +get"), "secret", TABLE);
    assertFalse(closed.open());
    assertSame(closed.defaultUser(), closed.authenticate("default", bytes("secret")));
    assertNull(closed.authenticate("default", bytes("b")));
    assertNull(closed.authenticate("nobody", bytes("")));
    assertNotNull(closed.authenticate("bob", bytes("b")));
    Users off = Users.of(Map.of("default", "off nopass"), null, TABLE);
    assertFalse(off.open());
    assertNull(off.authenticate("default", bytes("")));
  }
}
