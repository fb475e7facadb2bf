package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigUtil;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HoconWriterTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_128L);

  private static void assertReadsBack(Settings settings) throws ConfigException {
    String text = HoconWriter.write(settings);
    assertEquals(settings, HoconReader.read(text, "written.conf"), text);
  }

  @Test
  void nutcrackerPoolsReadBackAsTheyWere() throws ConfigException {
    assertReadsBack(
        NutcrackerReader.read(
            """
            plain:
              listen: 127.0.0.1:22121
              redis: true
              timeout: 1000
              servers:
              - 127.0.0.1:6379:1
              - 10.0.0.1:11211:2
              - 10.0.0.1:11211:2 named
              - /tmp/a.sock:3
              - /tmp/b.sock:3 socket
              - ::1:6379:1
              - '[::2]:6379:1'
            "a.b-c-d$":
              listen: /tmp/cashew.sock 0660
              redis: true
              hash: murmur
              hash_tag: '$"'
              distribution: modula
              timeout: 2147483647
              backlog: 99999
              client_connections: 10000000
              tcpkeepalive: true
              redis_auth: 'quote " back \\ dollar ${x}'
              redis_db: 3
              preconnect: true
              auto_eject_hosts: true
              server_connections: 9
              server_retry_timeout: 1
              server_failure_limit: 2147483647
              servers:
              - h-1.example.org:6379:7 "x"
            """,
            "nutcracker.yml"));
  }

  @Test
  void hoconPoolsReadBackAsTheyWere() throws ConfigException {
    assertReadsBack(
        HoconReader.read(
            """
            cashew {
              workers = 77, transport = nio, admin.listen = off, drain-timeout = 1500ms, memory-limit = 77MiB
              pools.slots {
                listen = "[::]:22121", distribution = slots, hash-tag = none
                auth.password = x, node-auth = none, admin-commands = all-nodes
                auth.users {
                  bob { rules = "on >secret ~\\"q\\\\*:* (%R~x +get)" }
                  "a.b" { rules = "off nopass allchannels +@all -@dangerous" }
                }
                eject.max-ejected = 0.125, points-per-node = 8
                nodes = [
                  { address = "a:2", name = n, weight = 4, slots = [ "0-99", "101-16383" ] }
                  { address = "unix:/a", slots = [ 100 ] }
                ]
              }
              pools.auth {
                listen = "a:0", auth.password = x, node-auth { username = u, password = p }
                limits {
                  clients = 9, in-flight-per-client = 10, unsent-per-client = 2000
                  unsent-per-client-hard = 3KiB, unsent-per-node = 4KiB, bulk-length = 5MiB
                  arguments = 60, gathered-request = 1GiB,
                  databases = 8, pinned-per-node = 77,
                  unsent-per-subscriber = 8KiB
                }
                nodes = [ "a:2" ]
              }
              pools.nodesonly { listen = "b:1", tcp-keepalive = false, node-tcp-keepalive = 45s, node-auth.password = p, nodes = [ "a:2" ] }
              pools.commands {
                listen = "b:2", nodes = [ "a:2" ]
                commands { "My.Get" = { first-key = 1, writes = false }, none = {}, "a$b" = { arity = 3 } }
              }
            }
            """,
            "cashew.conf"));
  }

  @Test
  void nodesWhosePrimaryIsFoundReadBackAsTheyWere() throws ConfigException {
    assertReadsBack(
        HoconReader.read(
            """
            cashew.pools.p {
              listen = "b:1"
              sentinel {
                addresses = [ "s:26379", "[::1]:26379" ], username = u, password = p
                tls { verify-hostname = false, server-name = s }
              }
              nodes = [
                { name = one, addresses = [ "a:1", "unix:/b" ], weight = 3 }
                { name = two, master = main }
              ]
            }
            """,
            "cashew.conf"));
  }

  @Test
  void poolWithoutTimeoutGetsOneAndIsToldSo() throws ConfigException {
    Settings settings =
        NutcrackerReader.read(
            "p:\n listen: a:1\n redis: true\n servers:\n - h:1:1\n", "nutcracker.yml");
    String text = HoconWriter.write(settings);
    assertTrue(text.contains("# There was no time-out"), text);
    PoolSettings read = HoconReader.read(text, "written.conf").pools().get(0);
    assertEquals(1_000, read.connections().timeoutMillis());
    assertEquals(settings.pools().get(0).nodes(), read.nodes());
  }

  @Test
  void onlyWhatDiffersFromTheDefaultsIsWritten() throws ConfigException {
    String text =
        HoconWriter.write(
            HoconReader.read(
                "cashew.pools.p { listen = \"a:1\", timeout = 2s, nodes = [ \"h:1 n\", \"h:2\" ] }",
                "cashew.conf"));
    assertEquals(
        """
        cashew {
          pools.p {
            listen = "a:1"
            timeout = 2s
            nodes = [
              "h:1:1 n"
              "h:2:1"
            ]
          }
        }
        """,
        text);
  }

  /** What some parser or other takes for something else than a text. */
  private static final String NASTY =
      "01.eE+-_ \t\n\r/#$\"{}[]:=,`^?!@*&\\;~|<>()'%anruxX\u0000\u001f\u007f\u0085\u00a0é漢\u2028\ufeff";

  private static final List<String> WORDS =
      List.of(
          "include",
          "null",
          "true",
          "false",
          "none",
          "off",
          "yes",
          "0123",
          "1e3",
          "1.0",
          "${x}",
          "${?HOME}",
          "a#b",
          "a//b",
          "\"\"\"",
          "\\",
          "\\u0041",
          "***",
          "~",
          "😀",
          "-",
          "a.b");

  private static String nasty(Random random) {
    if (random.nextInt(4) == 0) {
      return WORDS.get(random.nextInt(WORDS.size()));
    }
    StringBuilder text = new StringBuilder();
    for (int i = 1 + random.nextInt(9); i > 0; i--) {
      text.append(NASTY.charAt(random.nextInt(NASTY.length())));
    }
    return text.toString();
  }

  private static String quoted(String text) {
    return ConfigUtil.quoteString(text);
  }

  @Test
  void anyTextIsReadBackToTheByte() throws ConfigException {
    Random random = new Random(SEED);
    int read = 0;
    for (int round = 0; round < 2_000; round++) {
      String text =
          "cashew { admin.token = %s, pools.%s { listen = \"a:1\", auth.password = %s, auth.users.%s { rules = \"on +@all\" },"
                  .formatted(
                      quoted(nasty(random)),
                      quoted(nasty(random)),
                      quoted(nasty(random)),
                      quoted(nasty(random)))
              + "node-auth { username = %s, password = %s }, nodes = [ { address = \"a:2\", name = %s }, %s ], access-log.file = %s } }"
                  .formatted(
                      quoted(nasty(random)),
                      quoted(nasty(random)),
                      quoted(nasty(random)),
                      quoted("unix:/" + nasty(random) + " " + nasty(random)),
                      quoted("/" + nasty(random)));
      Settings settings;
      try {
        settings = HoconReader.read(text, "nasty.conf");
      } catch (ConfigException whiteSpaceInANameOrSo) {
        continue;
      }
      read++;
      assertReadsBack(settings);
    }
    assertTrue(read > 100, "some can be: " + read);
  }

  @Test
  void anyTextOfNutcrackerYmlIsReadBackToTheByteOrRefused() throws ConfigException {
    Random random = new Random(SEED);
    int read = 0;
    for (int round = 0; round < 2_000; round++) {
      String text =
          "%s:\n listen: %s\n redis: true\n timeout: 9\n redis_auth: %s\n servers:\n - %s\n"
              .formatted(
                  quoted(nasty(random)),
                  quoted("/" + nasty(random) + (random.nextBoolean() ? " 0600" : "")),
                  quoted(nasty(random)),
                  quoted(
                      (random.nextBoolean() ? "h:1" : "/" + nasty(random))
                          + ":1 "
                          + nasty(random)));
      Settings settings;
      try {
        settings = NutcrackerReader.read(text, "nasty.yml");
      } catch (ConfigException whiteSpaceInANameOrSo) {
        continue;
      }
      read++;
      assertReadsBack(settings);
    }
    assertTrue(read > 100, "some can be: " + read);
  }
}
