package io.cashew.proxy.config;

import static io.cashew.proxy.config.Key.key;
import static io.cashew.proxy.config.Key.optional;
import static io.cashew.proxy.config.Key.required;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashTag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The table of keys of a HOCON file: one row a key, by section. */
final class HoconKeys {
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(30);
  private static final long KIB = 1024;
  private static final int MOST_ARGUMENTS = 1024;

  /** The longest array, hence the largest buffer. */
  private static final long LARGEST_BUFFER = Integer.MAX_VALUE;

  private HoconKeys() {}

  // Directly below `cashew`.

  static final Key<Integer> WORKERS =
      key(
          "workers",
          Kinds.workers(1024),
          "auto",
          "Event loops, each a thread with its own clients and connections to nodes. `auto` is one"
              + " per processor: more only take turns.");
  static final Key<Integer> CLIENTS_TOGETHER =
      key(
          "clients-together",
          Kinds.integer(1, 1_000_000),
          "4",
          "Clients that one worker gets before the next one does. The few connections of one program"
              + " share a worker then, and what it sends on one and then on another arrives in that"
              + " order; 1 deals them out one by one.");
  static final Key<TransportKind> TRANSPORT =
      key(
          "transport",
          Kinds.choice(TransportKind.class),
          "auto",
          "How event loops wait for the kernel. `auto` is epoll where it loads, else NIO.");
  static final Key<Optional<Address>> ADMIN_LISTEN =
      key(
          "admin.listen",
          Kinds.tcpListenerOrOff(),
          "\"127.0.0.1:22222\"",
          "Where metrics, health, reload and the console are served over HTTP. Elsewhere than on"
              + " this machine it needs a token.");
  static final Key<Optional<Secret>> ADMIN_TOKEN =
      optional(
          "admin.token",
          Kinds.secret(),
          "not set",
          "What requests to the admin address must have: `Authorization: Bearer TOKEN`. `/healthz`"
              + " and `/readyz` need none, since those who balance load cannot send it; the page of"
              + " the console asks for it.");
  static final Key<Boolean> ADMIN_PROTECTED_MODE =
      key(
          "admin.protected-mode",
          Kinds.flag(),
          "true",
          "Whether the admin address without a token may be on this machine only. `false` is for a"
              + " network that only trusted machines reach.");
  static final Key<Long> MEMORY_LIMIT =
      key(
          "memory-limit",
          Kinds.memoryLimit(),
          "auto",
          "Bytes of requests and replies that all clients and nodes together may leave in the"
              + " proxy. Above it new requests get an error, and the clients that have read least"
              + " are closed, until there is room. bin/cashew lets the JVM use what this needs, half as"
              + " much again and 64 MiB; a limit that an option of the JVM does not allow is"
              + " refused, and `cashew check` warns of one that the machine or container has no"
              + " memory for. `auto` is 256 MiB, or less where there is less.");
  static final Key<Long> DRAIN_DELAY =
      key(
          "drain-delay",
          Kinds.duration(Duration.ZERO, LONGEST),
          "1500ms",
          "How long a stop by SIGTERM or `POST /drain` goes on serving, new clients too, while"
              + " `/readyz` says 503: until every load balancer has asked that. Longer than its"
              + " interval times the failures that it waits for. A proxy that nobody uses ends at"
              + " once, and so does SIGINT (Ctrl-C) without this delay.");
  static final Key<Long> DRAIN_TIMEOUT =
      key(
          "drain-timeout",
          Kinds.duration(Duration.ZERO, LONGEST),
          "3s",
          "How long a stop may take after `drain-delay`. Idle clients leave spread over two thirds"
              + " of it; what is left is for requests in flight. Both together stay below the 10 s"
              + " after which most supervisors kill.");
  static final Key<TakeOverSocket> TAKE_OVER_SOCKET =
      key(
          "take-over.socket",
          Kinds.takeOverSocket(),
          "auto",
          "The unix socket at which this process hands its listeners over to `cashew serve"
              + " --take-over`, of the same user only: the path of a file, or `off`. `auto` is a"
              + " file named after the admin address (the first pool's without one) in"
              + " `$RUNTIME_DIRECTORY` or `$XDG_RUNTIME_DIR`, else in a directory of the user's own"
              + " in `/tmp`. Needs the epoll transport.");
  static final Key<LogFormat> LOG_FORMAT =
      key(
          "log.format",
          Kinds.choice(LogFormat.class),
          "text",
          "What a line of the log looks like: `text` is for people, `json` an object a line for"
              + " programs. Both go to standard error.");
  static final Key<Boolean> RELOAD_WATCH_FILE =
      key(
          "reload.watch-file",
          Kinds.flag(),
          "true",
          "Whether a change of this file, or of one that it includes, is taken over by itself, a"
              + " second or two later. SIGHUP and `POST /reload` on the admin address do it in any"
              + " case. A file that is wrong changes nothing.");
  static final Key<Optional<ConfigObject>> POOLS =
      required(
          "pools",
          Kinds.object("an object of pools: pools.NAME { … }"),
          Optional.empty(),
          "The pools by name: a listener and its nodes each. A name has no white space; it labels"
              + " metrics and logs.");

  static final List<Key<?>> ROOT =
      List.of(
          WORKERS,
          CLIENTS_TOGETHER,
          TRANSPORT,
          ADMIN_LISTEN,
          ADMIN_TOKEN,
          ADMIN_PROTECTED_MODE,
          MEMORY_LIMIT,
          DRAIN_DELAY,
          DRAIN_TIMEOUT,
          LOG_FORMAT,
          RELOAD_WATCH_FILE,
          TAKE_OVER_SOCKET,
          POOLS);

  // Below `cashew.pools.NAME`.

  static final Key<Address> LISTEN =
      required(
          "listen",
          Kinds.listener(),
          Kinds.NO_ADDRESS,
          "Where clients connect. An IPv6 address is written in brackets; a unix socket may carry"
              + " its file's permissions in octal: `\"unix:/run/cashew.sock 0660\"`.");
  static final Key<Optional<ConfigList>> NODES =
      required(
          "nodes",
          Kinds.list("a list of nodes: [ \"host:port:weight name\", … ]"),
          Optional.empty(),
          "The Redis servers, each `\"host:port[:weight] [name]\"`, `\"unix:/path[:weight] [name]\"`"
              + " or an object (keys below). Keys are spread by name, so a named node can move to"
              + " another address and keep its keys.");
  static final Key<HashFunction> HASH =
      key(
          "hash",
          Kinds.hash(),
          "fnv1a_64",
          "How keys are hashed. The default is twemproxy's, so that keys stay where they are;"
              + " `murmur` spreads short numbered keys far better (`cashew check` shows both)."
              + " `distribution = slots` implies `crc16`.");
  static final Key<Optional<HashTag>> HASH_TAG =
      key(
          "hash-tag",
          Kinds.hashTag(),
          "none",
          "The two characters that enclose the part of a key that is hashed: with `\"{}\"` the keys"
              + " `{user1}:cart` and `{user1}:orders` share a node. `distribution = slots` implies"
              + " `\"{}\"`.");
  static final Key<DistributionFactory> DISTRIBUTION =
      key(
          "distribution",
          Kinds.distribution(),
          "ketama",
          "How hashes are spread over nodes. `ketama` moves the fewest keys when nodes change;"
              + " `modula` moves nearly all; `random` is for nodes that all hold the same data: what"
              + " reads all keys, and pub/sub, asks one of them; `FLUSHALL` and scripts go to each;"
              + " `slots` is Redis Cluster's 16384 slots.");
  static final Key<Integer> POINTS_PER_NODE =
      key(
          "points-per-node",
          Kinds.integer(4, 16384),
          "160",
          "Points of a node of average weight on the ketama continuum. The default is twemproxy's;"
              + " more points spread more evenly, and any change moves keys.");
  static final Key<Long> TIMEOUT =
      key(
          "timeout",
          Kinds.duration(MILLISECOND, LONGEST),
          "1s",
          "How long a node may take for a reply, counted from the moment the request is written."
              + " There is always one: a hung node must not hang its clients.");
  static final Key<Integer> CONNECTIONS_PER_NODE =
      key(
          "connections-per-node",
          Kinds.integer(1, 65535),
          "1",
          "Connections of each worker to each node. One, pipelined, keeps Redis busy; all"
              + " connections are workers × nodes × this.");
  static final Key<Boolean> PRECONNECT =
      key(
          "preconnect",
          Kinds.flag(),
          "false",
          "Whether connections to nodes are opened at start. Without it the first request of each"
              + " opens them.");
  static final Key<Integer> DATABASE =
      key(
          "database",
          Kinds.integer(0, Integer.MAX_VALUE),
          "0",
          "The database selected on every connection to a node. 0 is where a connection starts, so"
              + " nothing is sent.");
  static final Key<Integer> FAILURE_LIMIT =
      key(
          "failure-limit",
          Kinds.integer(1, Integer.MAX_VALUE),
          "3",
          "Time-outs in a row that open a node's circuit; a refused connection opens it at once."
              + " One or two slow replies are no outage.");
  static final Key<Long> RETRY_AFTER =
      key(
          "retry-after",
          Kinds.duration(MILLISECOND, LONGEST),
          "1s",
          "How soon a node is back in use after it has recovered: an open circuit is probed with"
              + " PING at half of this at the latest.");
  static final Key<Boolean> RETRY_READS =
      key(
          "retry-reads",
          Kinds.flag(),
          "true",
          "Whether a request that only reads is sent once more, on a new connection, if its"
              + " connection to the node ends before the first byte of the reply. Requests that"
              + " write never are: they may have been executed.");
  static final Key<Boolean> EJECT_ENABLED =
      key(
          "eject.enabled",
          Kinds.flag(),
          "false",
          "Whether the keys of a failed node go to the other nodes (right for a cache) or get"
              + " errors (right for a store, hence the default).");
  static final Key<Double> EJECT_MAX =
      key(
          "eject.max-ejected",
          Kinds.share(),
          "0.5",
          "Largest share of the nodes that may be out at once; the last node never is. When more"
              + " than half seem to fail, the fault is more likely on this side.");
  static final Key<EjectRing> EJECT_RING =
      key(
          "eject.ring",
          Kinds.choice(EjectRing.class),
          "keep",
          "`keep`: the keys of an ejected node go to the others, whose own keys stay. `rebuild`: the"
              + " distribution is made anew without the node, as twemproxy does; keys of other nodes"
              + " move too where weights differ, and nearly all under `modula`.");
  static final Key<Optional<Secret>> PASSWORD =
      optional(
          "auth.password",
          Kinds.secret(),
          "not set",
          "The password that clients must send. It is also sent to the nodes unless `node-auth`"
              + " says otherwise. `${REDIS_PASSWORD}` reads it from the environment.");
  static final Key<Optional<ConfigObject>> USERS =
      key(
          "auth.users",
          Kinds.object("an object of users: auth.users.NAME { rules = \"…\" }"),
          "{}",
          "Users by name, with rules as in Redis's access control lists (keys below). A client is"
              + " the user `default` until it sends another's name and password; unless `default`"
              + " is defined here, it may do everything, with `auth.password` if that is set. Rules"
              + " hold here, not on the nodes, and do not look into scripts: whoever may run"
              + " scripts can reach every key.");
  static final Key<Boolean> NODE_AUTH =
      new Key<>(
          "node-auth",
          Kinds.none(),
          "as `auth.password`",
          false,
          false,
          "What is sent to nodes: `none` sends nothing, an object has the keys below.");
  static final Key<Optional<String>> NODE_AUTH_USERNAME =
      optional(
          "node-auth.username",
          Kinds.text(),
          "not set",
          "The user of an access control list. Without it only the password is sent, as Redis"
              + " before 6 wants it.");
  static final Key<Optional<Secret>> NODE_AUTH_PASSWORD =
      optional("node-auth.password", Kinds.secret(), "not set", "The password sent to nodes.");
  static final Key<Boolean> PROTECTED_MODE =
      key(
          "protected-mode",
          Kinds.flag(),
          "true",
          "Whether a pool that anybody may use (no password, no users, no required client"
              + " certificates) may listen on this machine only, as Redis's setting of the same name."
              + " `false` is for a network that only trusted machines reach.");

  /** The rows that both sides of TLS have. */
  record Tls(
      Key<Optional<Path>> certificate,
      Key<Optional<Path>> key,
      Key<Optional<Secret>> keyPassword,
      Key<Optional<Path>> ca,
      Key<Optional<ConfigList>> protocols,
      Key<Optional<ConfigList>> ciphers) {
    List<Key<?>> all() {
      return List.of(certificate, key, keyPassword, ca, protocols, ciphers);
    }
  }

  private static Tls tls(String section, String certificate, String standardCa, String ca) {
    return new Tls(
        optional(section + ".certificate", Kinds.file(), "not set", certificate),
        optional(
            section + ".key",
            Kinds.file(),
            "not set",
            "The private key of that certificate as PEM: PKCS #8 (`BEGIN PRIVATE KEY`), or the older"
                + " PKCS #1 and SEC 1 (`BEGIN RSA PRIVATE KEY`, `BEGIN EC PRIVATE KEY`)."),
        optional(
            section + ".key-password",
            Kinds.secret(),
            "not set",
            "What the key is encrypted with, if it is (`BEGIN ENCRYPTED PRIVATE KEY`, or `ENCRYPTED`"
                + " in an older form)."),
        optional(section + ".ca", Kinds.file(), standardCa, ca),
        optional(
            section + ".protocols",
            Kinds.plainList("a list of [TLSv1.2, TLSv1.3]"),
            "[TLSv1.2, TLSv1.3]",
            "Versions of TLS. Older ones are broken and cannot be had."),
        optional(
            section + ".ciphers",
            Kinds.plainList("a list of cipher suites"),
            "the library's choice",
            "Cipher suites by their IANA names, such as `TLS_AES_128_GCM_SHA256`. Best left to the"
                + " library, which moves with the times."));
  }

  static final Tls TLS =
      tls(
          "tls",
          "With it clients must speak TLS: the certificate that they are shown, followed by those"
              + " between it and the authority (PEM). A relative path begins beside this file. The"
              + " files are looked at every few seconds: new ones serve new connections.",
          "not set",
          "The certificates of the authorities whose clients are trusted (PEM). Needed with"
              + " `client-auth`.");
  static final Key<ClientCertificates> TLS_CLIENT_AUTH =
      key(
          "tls.client-auth",
          Kinds.choice(ClientCertificates.class),
          "none",
          "Whether clients are asked for certificates: `optional` lets in one that has none,"
              + " `required` does not.");
  static final Key<Optional<Boolean>> NODE_TLS_ENABLED =
      optional(
          "node-tls.enabled",
          Kinds.flag(),
          "true where `node-tls` has any key",
          "Whether nodes are spoken to over TLS. A node at a unix socket, which does not leave this"
              + " machine, never is.");
  static final Tls NODE_TLS =
      tls(
          "node-tls",
          "What nodes are shown, if they ask for a certificate (PEM).",
          "the authorities that Java trusts",
          "The certificates of the authorities that nodes' certificates come from (PEM).");
  static final Key<Boolean> NODE_TLS_VERIFY_HOSTNAME =
      key(
          "node-tls.verify-hostname",
          Kinds.flag(),
          "true",
          "Whether the certificate of a node must have its name or address. Without it, whoever has"
              + " any certificate of the authority may pass for a node.");
  static final Key<Optional<String>> NODE_TLS_SERVER_NAME =
      optional(
          "node-tls.server-name",
          Kinds.text(),
          "the host of each node",
          "The name that nodes are asked for (SNI) and that their certificates must have; for nodes"
              + " that are configured by address.");

  static final Key<AdminCommands> ADMIN_COMMANDS =
      key(
          "admin-commands",
          Kinds.choice(AdminCommands.class),
          "refuse",
          "What happens to commands that administer a node (`CONFIG`, `SLOWLOG`): a clear error, or"
              + " sent to every node. Clients should not change a server behind a proxy's back. With"
              + " `all-nodes` any client may also decide about others (`CLIENT KILL`, `PAUSE`,"
              + " `UNPAUSE`, `UNBLOCK`), which is else for users whose rules include it. In a"
              + " transaction the other nodes get them when `EXEC` has carried it out, and their"
              + " errors are logged.");
  static final Key<Optional<ConfigObject>> COMMANDS =
      key(
          "commands",
          Kinds.object("an object of commands: { \"my.command\" = { first-key = 1 }, … }"),
          "{}",
          "Commands that Cashew does not know, by name (keys below): of modules, or those that the"
              + " nodes have under another name. A name with a dot needs quotes. What is known of"
              + " RedisJSON, RediSearch, RedisBloom and RedisTimeSeries may be declared otherwise;"
              + " Redis's own commands may not.");
  static final Key<Integer> BACKLOG =
      key(
          "backlog",
          Kinds.integer(0, Integer.MAX_VALUE),
          "512",
          "Connections that may wait to be accepted, as of listen(2). The default is twemproxy's; the"
              + " kernel may allow fewer (net.core.somaxconn).");
  static final Key<Integer> TCP_KEEPALIVE =
      key(
          "tcp-keepalive",
          Kinds.keepalive(),
          Keepalives.DEFAULT_SECONDS + "s",
          "How long a client may be silent before the kernel asks whether it is still there, as Redis's"
              + " setting of that name: three questions, each a third of that apart, and the connection"
              + " ends. A client that has vanished without a word is gone after twice that time, and"
              + " what it waited for is left to others. `true` is 300s, `false` never asks.");
  static final Key<Integer> NODE_TCP_KEEPALIVE =
      key(
          "node-tcp-keepalive",
          Kinds.keepalive(),
          Keepalives.DEFAULT_SECONDS + "s",
          "As `tcp-keepalive`, on connections to nodes. Below what firewalls and load balancers on the"
              + " way take for idle (often 350s), it keeps connections open there.");
  static final Key<Integer> LIMIT_CLIENTS =
      key(
          "limits.clients",
          Kinds.integer(0, Integer.MAX_VALUE),
          "" + LimitSettings.DEFAULT.clients(),
          "Most client connections of the pool; the next one gets an error and is closed. 0 is as"
              + " many as the limit of open files allows, which all pools share.");
  static final Key<Integer> LIMIT_PER_ADDRESS =
      key(
          "limits.connections-per-address",
          Kinds.integer(0, Integer.MAX_VALUE),
          "" + ClientConnections.DEFAULT.perAddress(),
          "Most client connections from one address; the next one gets an error and is closed. 0 is"
              + " any number: applications behind one address look like one client.");
  static final Key<Long> LIMIT_IDLE =
      key(
          "limits.idle-client",
          Kinds.duration(Duration.ZERO, LONGEST),
          "0s",
          "How long a client may send nothing before it is closed, as Redis's `timeout`. `0s` is for"
              + " ever. Clients that wait for a reply or for messages are not idle.");
  static final Key<Long> LIMIT_SLOW_REQUEST =
      key(
          "limits.slow-request",
          Kinds.duration(Duration.ZERO, LONGEST),
          "60s",
          "How long a request that has begun may take to arrive, or a large one that is passed on as"
              + " it comes may stand still; then the client is closed. `0s` is for ever.");
  static final Key<Long> LIMIT_FAILED_AUTH =
      key(
          "limits.failed-auth-delay",
          Kinds.duration(Duration.ZERO, Duration.ofSeconds(30)),
          "1s",
          "Longest time for which the answer to a wrong password is kept back. The first 100 of an"
              + " address are answered at once, then each 10 ms later than the one before; a minute"
              + " without any forgets them. Right passwords are answered at once: nobody is locked"
              + " out by others behind the same address. `0s` is never.");
  static final Key<Integer> LIMIT_IN_FLIGHT =
      key(
          "limits.in-flight-per-client",
          Kinds.integer(1, 1 << 20),
          "" + LimitSettings.DEFAULT.inFlightPerClient(),
          "Requests of one client that may wait for replies before it is no longer read from.");
  static final Key<Long> LIMIT_UNSENT =
      key(
          "limits.unsent-per-client",
          Kinds.size(KIB, LARGEST_BUFFER),
          Kinds.sizeText(LimitSettings.DEFAULT.unsentPerClient()),
          "Replies that one client has not taken yet, before it is no longer read from.");
  static final Key<Long> LIMIT_UNSENT_HARD =
      key(
          "limits.unsent-per-client-hard",
          Kinds.size(KIB, LARGEST_BUFFER),
          Kinds.sizeText(LimitSettings.DEFAULT.unsentPerClientHard()),
          "Unread replies at which a client is closed. Not below `unsent-per-client`.");
  static final Key<Long> LIMIT_UNSENT_NODE =
      key(
          "limits.unsent-per-node",
          Kinds.size(KIB, LARGEST_BUFFER),
          Kinds.sizeText(LimitSettings.DEFAULT.unsentPerNode()),
          "Requests that a node's connection has not taken yet, before the clients that feed it are"
              + " no longer read from.");
  static final Key<Long> LIMIT_BULK =
      key(
          "limits.bulk-length",
          Kinds.size(KIB, Integer.MAX_VALUE),
          Kinds.sizeText(LimitSettings.DEFAULT.bulkLength()),
          "Longest argument of a request. The default is Redis's `proto-max-bulk-len`; values"
              + " stream, so that a large one does not need as much memory here.");
  static final Key<Integer> LIMIT_ARGUMENTS =
      key(
          "limits.arguments",
          Kinds.integer(16, Integer.MAX_VALUE),
          "" + LimitSettings.DEFAULT.arguments(),
          "Most arguments of a request. The default is Redis's.");
  static final Key<Long> LIMIT_GATHERED =
      key(
          "limits.gathered-request",
          Kinds.size(KIB, LARGEST_BUFFER),
          Kinds.sizeText(LimitSettings.DEFAULT.gatheredRequest()),
          "Largest request that must be held whole before it is sent: one with keys of several"
              + " nodes.");
  static final Key<Integer> LIMIT_DATABASES =
      key(
          "limits.databases",
          Kinds.integer(1, 1024),
          "" + LimitSettings.DEFAULT.databases(),
          "Databases that clients may SELECT, from 0. Each that is used has connections of its own."
              + " Where `database` is not 0, that is the only one, and clients know it as 0.");
  static final Key<Integer> LIMIT_PINNED =
      key(
          "limits.pinned-per-node",
          Kinds.integer(1, 1 << 20),
          "" + LimitSettings.DEFAULT.pinnedPerNode(),
          "Connections to a node that one worker lends to clients at one time: for transactions,"
              + " blocking commands and large requests. The next such request gets an error.");

  static final Key<Long> LIMIT_UNSENT_SUBSCRIBER =
      key(
          "limits.unsent-per-subscriber",
          Kinds.size(KIB, LARGEST_BUFFER),
          Kinds.sizeText(LimitSettings.DEFAULT.unsentPerSubscriber()),
          "Unread messages at which a subscribed client is closed, or a quarter of it for a minute."
              + " The default is Redis's; what is published waits for nobody.");

  static final Key<Long> SLOWLOG_SLOWER_THAN =
      key(
          "slowlog.slower-than",
          Kinds.durationOrOff(Duration.ZERO, LONGEST),
          "10ms",
          "A request that takes longer here, from its arrival to the end of its reply, is in"
              + " `SLOWLOG GET` and, at most ten times a second, in the log, with the time that it"
              + " waited, that its node took, and that its reply waited. `0s` is every request.");
  static final Key<Integer> SLOWLOG_MAX_LEN =
      key(
          "slowlog.max-len",
          Kinds.integer(0, 1 << 20),
          "" + InsightSettings.DEFAULT.slowLogMax(),
          "Entries of the slow log; the oldest goes. The default is Redis's.");
  static final Key<Boolean> LOG_KEYS =
      key(
          "log-keys",
          Kinds.flag(),
          "true",
          "Whether keys, shortened, are written to the log of slow requests and to the access log."
              + " `SLOWLOG GET` and `HOTKEYS` show them in any case, to whoever may use these.");
  static final Key<Integer> HOT_KEYS_SAMPLE =
      key(
          "hot-keys.sample",
          Kinds.integer(0, 1 << 16),
          "" + InsightSettings.DEFAULT.hotKeySample(),
          "One request of so many, on average, is looked at to find the keys that are asked for most"
              + " (`HOTKEYS`, `/api/hotkeys`). 1 is each; 0 is none.");
  static final Key<Boolean> HOT_KEYS_LABEL =
      key(
          "hot-keys.label-keys",
          Kinds.flag(),
          "false",
          "Whether the metrics of hot keys name the keys. Each key that was ever hot is a series"
              + " then, and whoever may read metrics reads keys; hence the default.");
  static final Key<Long> BIG_KEYS_LARGER_THAN =
      key(
          "big-keys.larger-than",
          Kinds.size(KIB, 1L << 40),
          Kinds.sizeText(InsightSettings.DEFAULT.bigBytes()),
          "The largest requests and replies of the last minutes are noted with their keys, if they"
              + " are larger than this (`HOTKEYS BIG`, `/api/hotkeys`).");
  static final Key<Optional<Path>> ACCESS_LOG_FILE =
      optional(
          "access-log.file",
          Kinds.file(),
          "not set",
          "A file that gets a line for each request: time, client, user, command, key, node,"
              + " microseconds, bytes in and out. It is opened again when it was moved away. Costs"
              + " about as much as the request itself; lines that the disk does not take in time are"
              + " dropped, and counted.");

  static final List<Key<?>> POOL =
      List.of(
          LISTEN,
          NODES,
          HASH,
          HASH_TAG,
          DISTRIBUTION,
          POINTS_PER_NODE,
          TIMEOUT,
          CONNECTIONS_PER_NODE,
          PRECONNECT,
          DATABASE,
          FAILURE_LIMIT,
          RETRY_AFTER,
          RETRY_READS,
          EJECT_ENABLED,
          EJECT_MAX,
          EJECT_RING,
          PASSWORD,
          USERS,
          NODE_AUTH,
          NODE_AUTH_USERNAME,
          NODE_AUTH_PASSWORD,
          PROTECTED_MODE,
          TLS.certificate(),
          TLS.key(),
          TLS.keyPassword(),
          TLS.ca(),
          TLS_CLIENT_AUTH,
          TLS.protocols(),
          TLS.ciphers(),
          NODE_TLS_ENABLED,
          NODE_TLS.ca(),
          NODE_TLS.certificate(),
          NODE_TLS.key(),
          NODE_TLS.keyPassword(),
          NODE_TLS_VERIFY_HOSTNAME,
          NODE_TLS_SERVER_NAME,
          NODE_TLS.protocols(),
          NODE_TLS.ciphers(),
          ADMIN_COMMANDS,
          COMMANDS,
          BACKLOG,
          TCP_KEEPALIVE,
          NODE_TCP_KEEPALIVE,
          LIMIT_CLIENTS,
          LIMIT_PER_ADDRESS,
          LIMIT_IDLE,
          LIMIT_SLOW_REQUEST,
          LIMIT_FAILED_AUTH,
          LIMIT_IN_FLIGHT,
          LIMIT_UNSENT,
          LIMIT_UNSENT_HARD,
          LIMIT_UNSENT_NODE,
          LIMIT_BULK,
          LIMIT_ARGUMENTS,
          LIMIT_GATHERED,
          LIMIT_DATABASES,
          LIMIT_PINNED,
          LIMIT_UNSENT_SUBSCRIBER,
          SLOWLOG_SLOWER_THAN,
          SLOWLOG_MAX_LEN,
          HOT_KEYS_SAMPLE,
          HOT_KEYS_LABEL,
          BIG_KEYS_LARGER_THAN,
          ACCESS_LOG_FILE,
          LOG_KEYS);

  // Below `auth.users.NAME`.

  static final Key<String> USER_RULES =
      required(
          "rules",
          Kinds.text(),
          "off",
          "What `ACL SETUSER` of Redis 7.2 takes, in the same order and with the same meaning: `on`,"
              + " `>password`, `#sha256`, `nopass`, `~pattern`, `%R~pattern`, `&channel`, `+command`,"
              + " `-command|subcommand`, `+@category`, `(…)`. A user begins as `off` and may do"
              + " nothing; a line of an ACL file fits from behind the name.");
  static final Key<Optional<Secret>> USER_PASSWORD =
      optional(
          "password",
          Kinds.secret(),
          "not set",
          "A password besides those of `rules`; `${ALICE_PASSWORD}` reads it from the environment.");
  static final Key<Optional<Secret>> USER_PASSWORD_SHA256 =
      optional(
          "password-sha256",
          Kinds.sha256(),
          "not set",
          "The SHA-256 of a password, so that the password itself is written nowhere.");

  static final List<Key<?>> USER = List.of(USER_RULES, USER_PASSWORD, USER_PASSWORD_SHA256);

  // In a node written as an object.

  static final Key<Address> NODE_ADDRESS =
      required("address", Kinds.node(), Kinds.NO_ADDRESS, "Where the node listens.");
  static final Key<Integer> NODE_WEIGHT =
      key(
          "weight",
          Kinds.integer(1, Integer.MAX_VALUE),
          "1",
          "Share of the keys, relative to the other nodes.");
  static final Key<Optional<String>> NODE_NAME =
      optional(
          "name",
          Kinds.name(),
          "twemproxy's label",
          "The name that is hashed, shown and logged; unique in its pool. Without it: `host:port`,"
              + " the host alone for port 11211, and for a unix socket its path and a colon.");
  static final Key<Optional<ConfigList>> NODE_SLOTS =
      optional(
          "slots",
          new Kind<>(
              "a list of slots and ranges: [ \"0-5460\", \"9000\" ]", HoconKeys::listOfSlots),
          "an even split",
          "The slots that the node owns, only with `distribution = slots`; then every node names"
              + " its own.");

  static final List<Key<?>> NODE = List.of(NODE_ADDRESS, NODE_WEIGHT, NODE_NAME, NODE_SLOTS);

  // In a command of `commands`.

  static final Key<Integer> COMMAND_FIRST_KEY =
      key(
          "first-key",
          Kinds.integer(0, MOST_ARGUMENTS),
          "0",
          "Index of the first key; the command's name is 0. By default it has none, and one node"
              + " answers.");
  static final Key<Optional<Integer>> COMMAND_LAST_KEY =
      optional(
          "last-key",
          Kinds.integer(-MOST_ARGUMENTS, MOST_ARGUMENTS),
          "as `first-key`",
          "Index of the last key. A negative one counts from the end: -1 is the last argument.");
  static final Key<Integer> COMMAND_KEY_STEP =
      key(
          "key-step",
          Kinds.integer(1, MOST_ARGUMENTS),
          "1",
          "Arguments from one key to the next: 2 where each key has a value behind it.");
  static final Key<Optional<Integer>> COMMAND_ARITY =
      optional(
          "arity",
          Kinds.integer(-MOST_ARGUMENTS, MOST_ARGUMENTS),
          "up to its keys",
          "Number of arguments as Redis counts: the name is one, and a negative number means at"
              + " least so many. By default enough to have the keys that are counted from the"
              + " front.");
  static final Key<Boolean> COMMAND_WRITES =
      key(
          "writes",
          Kinds.flag(),
          "true",
          "Whether it changes data. What does is never sent a second time; hence the default.");

  static final List<Key<?>> COMMAND =
      List.of(COMMAND_FIRST_KEY, COMMAND_LAST_KEY, COMMAND_KEY_STEP, COMMAND_ARITY, COMMAND_WRITES);

  private static ConfigList listOfSlots(ConfigValue value) throws BadValue {
    if (value instanceof ConfigList list) {
      return list;
    }
    throw new BadValue(
        "must be a list of slots and ranges: [ \"0-5460\", \"9000\" ], not "
            + Kinds.typeName(value));
  }
}
