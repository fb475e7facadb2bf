package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HoconWriterTest {

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
  void poolWithoutTimeoutGetsOneAndIsToldSo() throws ConfigException {
    Settings settings =
        NutcrackerReader.read(
            "p:\n listen: a:1\n redis: true\n servers:\n - h:1:1\n", "nutcracker.yml");
    String text = HoconWriter.write(settings);
    assertTrue(text.contains("# There was no time-out"), text);
    PoolSettings read = HoconReader.read(text, "written.conf").pools().get(0);
    assertEquals(1_000, read.timeoutMillis());
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
}
