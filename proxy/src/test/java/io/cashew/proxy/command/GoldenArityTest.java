package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What twemproxy 0.5.0 forwards, Cashew accepts, so that nothing that works behind twemproxy is
 * refused here. {@code golden/command_arity.json}: each command name was sent to twemproxy with 1
 * to 8 words; F is forwarded, S split, L answered by itself, x closed.
 *
 * <p>twemproxy counts loosely and leaves it to Redis to refuse: where Redis itself says that the
 * number of arguments is wrong, so does Cashew.
 */
class GoldenArityTest {
  @Test
  void everythingThatTwemproxyForwardsIsAcceptedUnlessRedisRefusesIt() {
    Config arities =
        ConfigFactory.parseResources("golden/command_arity.json").getConfig("argc_1_to_8");
    CommandTable table = CommandTable.standard();
    int forwarded = 0;
    List<String> refused = new ArrayList<>();
    try (RealRedis redis = RealRedis.start();
        RawClient client = redis.connect()) {
      for (String name : arities.root().keySet()) {
        String byArgc = arities.getString(name);
        for (int argc = 1; argc <= byArgc.length(); argc++) {
          if ("FS".indexOf(byArgc.charAt(argc - 1)) >= 0) {
            forwarded++;
            Command row = table.find(name);
            assertNotNull(row, name);
            if (!row.arityMatches(argc) && !refuses(client, name, argc)) {
              refused.add(name + " with " + argc);
            }
          }
        }
      }
    }
    assertTrue(forwarded > 400, "the whole of the golden file");
    assertEquals(List.of(), refused);
  }

  private static boolean refuses(RawClient client, String name, int argc) {
    String[] request = new String[argc];
    Arrays.fill(request, "1");
    request[0] = name;
    return client.send(request) instanceof ErrorReply error
        && error.text().startsWith("ERR wrong number of arguments for");
  }
}
