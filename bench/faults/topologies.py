"""Rows of servers whose primaries change and of slots that move, and what they are played on: Sentinels, lists of addresses,
a name that moves, replicas, a Cluster. All servers are real, but for those that do nothing but redirect."""
import collections
import re
import signal
import socket
import subprocess
import threading
import time

import stage
from rows import KEYS, ms, quiet_p99, row, told, until, untouched
from stage import Apart, Client, Error, Others, Relay, Stage, await_port, await_served, node_port, relay_port, request

SENTINELS = 3
PERHAPS = "may have been executed"


def info(client, section, field):
    found = re.search(rf"^{field}:(.*?)\r?$", client.ask("INFO", section).decode(), re.MULTILINE)
    return found.group(1) if found else ""


def role(i):
    try:
        with Client(node_port(i), 1) as direct:
            said = direct.ask("ROLE")
            return said[0].decode() if isinstance(said, list) else ""
    except (EOFError, OSError):
        return ""


def sets(i, what):
    """How many SETs a server has had; Sentinels end the connections of one that they demote."""
    try:
        with Client(node_port(i)) as direct:
            found = re.search(rf"cmdstat_set:.*\b{what}=(\d+)", direct.ask("INFO", "commandstats").decode())
        return int(found.group(1)) if found else 0
    except (EOFError, OSError):
        return 0


def follows(i, primary):
    """Until a server copies another."""
    def copies():
        with Client(node_port(i)) as direct:
            return (info(direct, "replication", "master_port") == str(node_port(primary))
                    and info(direct, "replication", "master_link_status") == "up")
    assert until(copies, 30) <= 30, f"server {i} does not copy {primary}"


def deaf(listener):
    """Ends a socket that somebody accepts from."""
    try:
        listener.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it does not listen
    listener.close()


class Writers(Apart):
    """Clients each of which writes keys that are written once, and notes what it was told. At the end, of each write: when
    it began, when it ended, its key, its reply."""

    @staticmethod
    def run(pipe, tag, count, pause=0.005):
        notes = [[] for _ in range(count)]
        await_served(tag)

        def write(number, is_over):
            client = Client(timeout=30)
            serial = 0
            while not is_over():
                serial += 1
                key = f"{{{tag}}}w{number}.{serial}"
                begun = time.monotonic()
                try:
                    reply = client.ask("SET", key, key)
                except (EOFError, OSError):
                    reply = EOFError
                    client = Client(timeout=30)
                notes[number].append((begun, time.monotonic(), key, reply))
                time.sleep(pause)
        Apart.at_once(pipe, count, write)
        pipe.send([note for each in notes for note in each])


def errors(notes):
    return [note for note in notes if note[3] != b"OK"]


def example(notes):
    return f" ({notes[0][3]})" if notes else ""


def slowest(notes):
    return max((note[1] - note[0] for note in notes), default=0)


def first_success(notes, since):
    """How long after a moment the first write ended well; below 0: none did."""
    return min((note[1] - since for note in notes if note[3] == b"OK" and note[1] >= since), default=-1)


def kept(notes, i, since):
    """How many of the writes that were sent since a moment, and acknowledged, a server does not have."""
    with Client(node_port(i)) as direct:
        return sum(direct.ask("GET", note[2]) != note[2].encode()
                   for note in notes if note[3] == b"OK" and note[0] >= since)


# ------------------------------------------------------------------ one primary and its replica


class Replicated(Stage):
    """Node a has a primary, server 0, and a replica, server 3: a list of addresses. b and c are as ever."""
    servers = 4

    def options(self, i):
        return ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"]

    def begin(self):
        with self.direct(3) as direct:
            direct.ask("REPLICAOF", "127.0.0.1", str(node_port(0)))
        follows(3, 0)

    def node(self, i, name, port):
        if name != "a":
            return super().node(i, name, port)
        return f'{{ name = a, addresses = ["127.0.0.1:{node_port(0)}", "127.0.0.1:{node_port(3)}"] }}'


class Watched(Replicated):
    """The same with three Sentinels, for which a server is down after a second."""

    def begin(self):
        super().begin()
        self.sentinels = [None] * SENTINELS
        for i in range(SENTINELS):
            home = self.directory / f"sentinel{i}"
            home.mkdir()
            (home / "sentinel.conf").write_text(
                f"sentinel monitor main 127.0.0.1 {node_port(0)} 2\nsentinel down-after-milliseconds main 1000\n"
                "sentinel failover-timeout main 4000\n")
            self.start_sentinel(i)
        assert until(lambda: all(self.knows_all(i) for i in range(SENTINELS)), 60) <= 60

    def start_sentinel(self, i):
        home = self.directory / f"sentinel{i}"
        self.sentinels[i] = subprocess.Popen(
            ["redis-server", home / "sentinel.conf", "--sentinel", "--port", str(relay_port(i)), "--dir", home],
            stdout=subprocess.DEVNULL)
        self.others.append(self.sentinels[i])
        await_port(relay_port(i))

    def knows_all(self, i):
        with Client(relay_port(i)) as sentinel:
            said = sentinel.ask("SENTINEL", "MASTER", "main")
        if isinstance(said, Error):
            return False
        fields = dict(zip(said[::2], said[1::2], strict=True))
        return fields[b"num-other-sentinels"] == b"2" and fields[b"num-slaves"] == b"1"

    def named(self, server):
        """How many Sentinels name a server."""
        count = 0
        for i in range(SENTINELS):
            with Client(relay_port(i)) as sentinel:
                said = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
            count += isinstance(said, list) and said[1] == str(node_port(server)).encode()
        return count

    def node(self, i, name, port):
        return "{ name = a, master = main }" if name == "a" else Stage.node(self, i, name, port)

    def placement(self, port):
        addresses = ", ".join(f'"127.0.0.1:{relay_port(i)}"' for i in range(SENTINELS))
        return super().placement(port) + f"\n    sentinel.addresses = [{addresses}]"


@row("Sentinel: primary killed with -9", "others 0 errors, p99 ≤ 5 × quiet; writes ≤ 500 ms after most Sentinels name the new"
     " primary; of those sent after its promotion none lost; the old primary is a replica again, and is sent nothing", Watched,
     settings="timeout = 8s, failover-wait = 8s")
def sentinel_killed(on):
    quiet = quiet_p99("bc")
    others, writers = Others(KEYS, "bc"), Writers(KEYS["a"][0], 5)
    time.sleep(0.5)
    on.nodes[0].kill()
    on.nodes[0].wait()
    killed = time.monotonic()
    until(lambda: role(3) == "master", 30, 0.002)
    promoted = time.monotonic()
    until(lambda: on.named(3) > SENTINELS / 2, 30, 0.002)
    named = time.monotonic()
    time.sleep(1)
    on.start_node(0)
    await_port(node_port(0))
    written = 0
    while role(0) != "slave":  # what it executes after that comes from the new primary
        written = sets(0, "calls")
        assert time.monotonic() < promoted + 60, "it stays a primary"
    time.sleep(1)
    notes, rest = writers.end(), others.end()
    wrong = [note for note in errors(notes) if PERHAPS not in str(note[3])]
    first = first_success(notes, promoted) - (named - promoted)
    lost = kept(notes, 3, promoted)
    at_old = written + sets(0, "rejected_calls")
    return (f"promoted after {promoted - killed:.1f} s, named by most {ms(named - promoted)} later, first write {ms(first)} after"
            f" that, {len(errors(notes))} errors of {len(notes)}, {len(wrong)} of what was not in flight{example(wrong)}, {lost}"
            f" lost, {at_old} sent to the old one; {told(rest)}",
            first <= 0.5 and not wrong and not lost and not at_old and untouched(rest, quiet))


@row("Sentinel: planned failover under 20 writers", "only what was in flight when connections were cut may fail; all else"
     " waits and succeeds; nothing acknowledged is lost; others untouched", Watched)
def sentinel_planned(on):
    quiet = quiet_p99("bc")
    others, writers = Others(KEYS, "bc"), Writers(KEYS["a"][0], 20)
    time.sleep(0.5)
    with Client(relay_port(0)) as sentinel:
        until(lambda: sentinel.ask("SENTINEL", "FAILOVER", "main") == b"OK", 10)
    until(lambda: role(3) == "master", 30)
    promoted = time.monotonic()
    until(lambda: role(0) == "slave", 30)
    time.sleep(1)
    notes, rest = writers.end(), others.end()
    wrong = [note for note in errors(notes) if PERHAPS not in str(note[3])]
    lost = kept(notes, 3, 0)
    return (f"{len(errors(notes))} errors of {len(notes)}, {len(wrong)} of what was not in flight, {lost} lost, slowest"
            f" {ms(slowest(notes))}, first write {ms(first_success(notes, promoted))} after the promotion; {told(rest)}",
            not wrong and not lost and untouched(rest, quiet))


@row("all Sentinels gone", "goes on with what is known, a metric; all back ≤ 5 s after they are", Watched)
def sentinels_gone(on):
    writers = Writers(KEYS["a"][0], 5)
    for sentinel in on.sentinels:
        sentinel.kill()
        sentinel.wait()
    seen = until(lambda: on.metric("cashew_sentinels_reachable") == 0, 20, 0.05)
    time.sleep(1)
    for i in range(SENTINELS):
        on.start_sentinel(i)
    back = until(lambda: on.metric("cashew_sentinels_reachable") == SENTINELS, 20, 0.05)
    notes = writers.end()
    return (f"the metric says so after {seen:.1f} s, {len(errors(notes))} errors of {len(notes)}, all back in {back:.1f} s",
            seen <= 20 and not errors(notes) and back <= 5)


def demoted(on, demote, notes_of, old, new):
    """What becomes of writes while a server is demoted that keeps its connections."""
    writers = notes_of()
    time.sleep(0.5)
    demote()
    begun = time.monotonic()
    time.sleep(stage.RETRY_AFTER + 3)
    notes = writers.end()
    first = first_success(notes, begun)
    readonly = [note for note in notes if str(note[3]).startswith("READONLY")]
    other = [note for note in errors(notes) if note not in readonly]
    lost = kept(notes, new, begun)
    with Client(node_port(old)) as direct:
        gone = info(direct, "replication", "role") == "slave"
    return first, readonly, other, lost, gone, notes


@row("list: primary demoted by hand", "READONLY seen at most once by a client; writes at the new primary ≤ R + 1 s", Replicated)
def list_demoted(on):
    def demote():
        with on.direct(3) as new, on.direct(0) as old:
            new.ask("REPLICAOF", "NO", "ONE")
            old.ask("REPLICAOF", "127.0.0.1", str(node_port(3)))
    first, readonly, other, lost, gone, notes = demoted(on, demote, lambda: Writers(KEYS["a"][0], 20), 0, 3)
    return (f"{len(readonly)} READONLY, {len(other)} other errors of {len(notes)}{example(other)}, first write {ms(first)}"
            f" after, slowest {ms(slowest(notes))}, {lost} not at the new one",
            not readonly and not other and 0 <= first <= stage.RETRY_AFTER + 1 and not lost and gone)


class Named(Replicated):
    """Node a is a name, which the hosts file has; servers 0 and 3 are at one port of two addresses."""

    def __init__(self, **settings):
        super().__init__(options="", **settings)

    def start(self, relays, settings, top, files, workers, options):
        self.hosts = self.directory / "hosts"
        self.name_is_at("127.0.0.1")
        super().start(relays, settings, top, files, workers, f"-Djdk.net.hosts.file={self.hosts}")

    def name_is_at(self, address):
        self.hosts.write_text(f"{address} primary.test\n127.0.0.1 localhost\n")

    def options(self, i):
        return [*super().options(i), "--bind", "127.0.0.1"]

    def begin(self):
        super().begin()
        # In front of the second server, at the port of the first.
        self.front = socket.create_server(("127.0.0.2", node_port(0)), backlog=128)
        threading.Thread(target=self.pass_on, daemon=True).start()

    def pass_on(self):
        while True:
            try:
                client, _ = self.front.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", node_port(3)))
            for one, other in (client, server), (server, client):
                threading.Thread(target=self.copy, args=(one, other), daemon=True).start()

    @staticmethod
    def copy(one, other):
        try:
            while data := one.recv(1 << 16):
                other.sendall(data)
        except OSError:
            pass
        other.close()

    def node(self, i, name, port):
        return f'"primary.test:{node_port(0)}:1 a"' if name == "a" else Stage.node(self, i, name, port)

    def stop(self):
        if hasattr(self, "front"):
            deaf(self.front)
        super().stop()


@row("name: primary demoted by hand, and its name moves", "READONLY seen at most once by a client; writes at the new primary ≤ R"
     " + 1 s", Named, settings="failover-wait = 3s")
def name_demoted(on):
    def demote():
        with on.direct(3) as new, on.direct(0) as old:
            new.ask("REPLICAOF", "NO", "ONE")
            old.ask("REPLICAOF", "127.0.0.1", str(node_port(3)))
        on.name_is_at("127.0.0.2")
    first, readonly, other, lost, gone, notes = demoted(on, demote, lambda: Writers(KEYS["a"][0], 20), 0, 3)
    by_client = {}
    for note in readonly:
        client = note[2].split("}")[1].split(".")[0]
        by_client[client] = by_client.get(client, 0) + 1
    most = max(by_client.values(), default=0)
    return (f"{len(readonly)} READONLY ({most} of a client at most), {len(other)} other errors of {len(notes)}{example(other)},"
            f" first write {ms(first)} after, slowest {ms(slowest(notes))}, {lost} not at the new one",
            most <= 1 and not other and 0 <= first <= stage.RETRY_AFTER + 1 and not lost and gone)


class Readers:
    """Clients that read one key of node a, which nobody writes."""

    def __init__(self, key, count):
        self.key, self.over = key, threading.Event()
        self.reads = self.wrong = 0
        self.threads = [threading.Thread(target=self.read) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def read(self):
        with Client() as client:
            while not self.over.is_set():
                reply = client.ask("GET", self.key)
                self.reads += 1
                self.wrong += reply != b"served"
                time.sleep(0.005)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def replica_fails(on, fail, mend, most=2):
    await_served(KEYS["a"][0])
    readable = f'cashew_server_readable{{node="a",pool="p",server="127.0.0.1:{node_port(3)}"'
    assert until(lambda: on.metric(readable) == 1, 30, 0.05) <= 30, "the replica is not read from"
    readers = Readers(KEYS["a"][0], 8)
    time.sleep(0.5)
    with on.direct(3) as replica:
        read = info(replica, "commandstats", "cmdstat_get") != ""
    fail()
    out = until(lambda: on.metric(readable) == 0, 10, 0.02)
    time.sleep(1)
    mend()
    back = until(lambda: on.metric(readable) == 1, 30, 0.02)
    time.sleep(0.5)
    readers.end()
    return (f"{'' if read else 'it was not read from, '}left out after {ms(out)}, read again {back:.1f} s after it is well,"
            f" {readers.wrong} errors of {readers.reads}", read and out <= most and back <= 30 and not readers.wrong)


@row("replica stopped (SIGSTOP)", "not read from within 2 s; read again when it is well; clients 0 errors", Replicated,
     settings="read-from = prefer-replica")
def replica_stopped(on):
    return replica_fails(on, lambda: on.nodes[3].send_signal(signal.SIGSTOP), lambda: on.nodes[3].send_signal(signal.SIGCONT))


@row("replica without a link to its primary", "not read from within 2 s; read again when it is well; clients 0 errors",
     Replicated, settings="read-from = prefer-replica")
def replica_cut_off(on):
    def follow(port):
        with on.direct(3) as replica:
            replica.ask("REPLICAOF", "127.0.0.1", str(port))
    return replica_fails(on, lambda: follow(1), lambda: follow(node_port(0)))


@row("replica that loads its data", "not read from while it does; read again when it is well; clients 0 errors", Replicated,
     settings="read-from = prefer-replica")
def replica_loads(on):
    def start_anew():
        with on.direct(0) as primary:
            for i in range(200):
                primary.ask("SET", f"loaded{i}", "x" * 2000)
        with on.direct(3) as replica:
            until(lambda: replica.ask("EXISTS", "loaded199") == 1, 10)
            replica.ask("CONFIG", "SET", "rdbcompression", "no")
            replica.ask("SAVE")
        on.nodes[3].kill()
        on.nodes[3].wait()
        # It answers, that it loads, between two keys.
        on.start_node(3, "--key-load-delay", "15000", "--loading-process-events-interval-bytes", "1024",
                      "--replicaof", "127.0.0.1", str(node_port(0)))

    def load_at_once():
        with on.direct(3) as replica:
            loading.append(info(replica, "persistence", "loading"))
            replica.ask("CONFIG", "SET", "key-load-delay", "0")
    loading = []
    measured, good = replica_fails(on, start_anew, load_at_once)
    return f"{measured}; {'it loaded' if loading == ['1'] else 'it did not load'} meanwhile", good and loading == ["1"]


class Lagging(Replicated):
    """The replica of node a copies its primary through a relay, which may keep all for itself."""

    def begin(self):
        self.relay = Relay(relay_port(5), node_port(0))
        self.relays.append(self.relay)
        with self.direct(3) as direct:
            direct.ask("REPLICAOF", "127.0.0.1", str(relay_port(5)))

            def copies():
                return info(direct, "replication", "master_link_status") == "up"
            assert until(copies, 30) <= 30, "the replica does not copy"


@row("replica that lags, its link up (replica-max-lag 1 s)", "not read from within 2 s from then on; read again when it is well;"
     " clients 0 errors", Lagging, settings="read-from = prefer-replica, replica-max-lag = 1s")
def replica_lags(on):
    def lag():
        on.relay.blackhole = True

    def catch_up():
        on.relay.blackhole = False
        on.relay.end_links()  # what was kept is sent again
    writers = Writers(KEYS["a"][1], 2)
    try:
        return replica_fails(on, lag, catch_up, 3)
    finally:
        writers.end()


@row("list: two servers say that they are primary", "the former keeps all writes, a metric says so; none goes to the other one",
     Replicated)
def list_two(on):
    writers = Writers(KEYS["a"][0], 5)
    two = 'cashew_node_two_primaries{node="a"'
    time.sleep(0.5)
    with on.direct(3) as other:
        other.ask("REPLICAOF", "NO", "ONE")
        before = sets(3, "calls")
        seen = until(lambda: on.metric(two) == 1, 10, 0.02)
        time.sleep(2)
        written = sets(3, "calls") - before
        other.ask("REPLICAOF", "127.0.0.1", str(node_port(0)))
        over = until(lambda: on.metric(two) == 0, 10, 0.02)
    notes = writers.end()
    lost = kept(notes, 0, 0)
    return (f"seen after {ms(seen)}, {written} writes at the other one, {len(errors(notes))} errors of {len(notes)}, {lost} not at"
            f" the former; over {ms(over)} after the other follows again",
            seen <= 10 and over <= 10 and not written and not errors(notes) and not lost)


class Listener(Apart):
    """A client that listens to a channel, to a pattern, and where there are slots to a shard channel; at the end, of each way
    the messages that have come."""

    @staticmethod
    def run(pipe, channel, is_sharded):
        client = Client(timeout=60)
        come = {b"message": [], b"pmessage": [], b"smessage": []}
        wanted = [("SUBSCRIBE", channel), ("PSUBSCRIBE", channel + "*")] + [("SSUBSCRIBE", channel)] * is_sharded
        for words in wanted:
            client.write(*words)
        confirmed = 0
        while confirmed < len(wanted):
            confirmed += not isinstance(client.read(), Error)

        def listen():
            try:
                while True:
                    message = client.read()
                    come[message[0]].append(int(message[-1]))
            except (EOFError, OSError) as e:
                come["ended"] = repr(e)
        threading.Thread(target=listen, daemon=True).start()
        pipe.send("ready")
        pipe.recv()
        time.sleep(2)  # what is on its way
        pipe.send(come)


class Publisher(Apart):
    """A client that publishes numbers on a channel, and where there are slots on the shard channel of that name; at the end,
    of each way: when each began, when it ended, the number, the reply."""

    @staticmethod
    def run(pipe, channel, is_sharded):
        notes = {b"message": [], b"smessage": []}

        def publish(_, is_over):
            client = Client(timeout=30)
            number = 0
            while not is_over():
                number += 1
                for way, command in [(b"message", "PUBLISH")] + [(b"smessage", "SPUBLISH")] * is_sharded:
                    begun = time.monotonic()
                    reply = client.ask(command, channel, str(number))
                    notes[way].append((begun, time.monotonic(), number, reply))
                time.sleep(0.002)
        Apart.at_once(pipe, 1, publish)
        pipe.send(notes)


def compared(come, notes, changes):
    """What came of what was published, and whether nothing came out of order, twice or not at all but while it changed."""
    def changed(note):
        return any(since <= note[1] and note[0] <= end for since, end in changes)
    said, good = [], "ended" not in come
    for way, numbers in ((each, come[each]) for each in (b"message", b"pmessage", b"smessage")):
        published = notes[b"message" if way == b"pmessage" else way]
        if not published:
            continue
        times = collections.Counter(numbers)
        quiet = {note[2] for note in published if not changed(note)}
        disorder = sum(one > other for one, other in zip(numbers, numbers[1:]) if {one, other} <= quiet)
        failed = [note for note in published if isinstance(note[3], Error)]
        missing = [note for note in published if note not in failed and not times[note[2]]]
        twice = [note for note in published if times[note[2]] > 1]
        wrong = [note for note in missing + twice if not changed(note)]
        said.append(f"{way.decode()}: {len(published)} published, {len(failed)} errors{example(failed)}, {len(twice)} twice,"
                    f" {len(missing)} missing, {len(wrong)} of these not while it changed, then {disorder} out of order")
        good = good and not disorder and not wrong and not failed
    return "; ".join(said), good


@row("Sentinel: pub/sub through a planned failover", "no errors; nothing out of order, twice or lost but while it changes",
     Watched)
def sentinel_pubsub(on):
    channel = KEYS["a"][0]
    await_served(channel)
    listener, publisher = Listener(channel, False), Publisher(channel, False)
    time.sleep(1)
    with Client(relay_port(0)) as sentinel:
        until(lambda: sentinel.ask("SENTINEL", "FAILOVER", "main") == b"OK", 10)
    begun = time.monotonic()
    until(lambda: on.named(3) == SENTINELS, 30)
    over = time.monotonic() + 1
    time.sleep(3)
    notes = publisher.end()
    return compared(listener.end(), notes, [(begun, over)])


# ------------------------------------------------------------------ a Cluster


CLUSTER_SLOTS = 16384


def slot_of(key):
    crc = 0
    for byte in key.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc % CLUSTER_SLOTS


class Cluster(Stage):
    """Servers 0 to 2 are primaries, 3 to 5 their replicas; 6 is a member only if a row has it join."""
    servers = 7
    keys = {}

    def options(self, i):
        return ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-replica-validity-factor", "0",
                "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"]

    def begin(self):
        self.ids = [self.ask(i, "CLUSTER", "MYID").decode() for i in range(self.servers)]
        for i in range(6):
            self.ask(i, "CLUSTER", "SET-CONFIG-EPOCH", str(i + 1))
        self.owner = {}
        for i in range(3):
            its = range(CLUSTER_SLOTS * i // 3, CLUSTER_SLOTS * (i + 1) // 3)
            self.owner.update(dict.fromkeys(its, i))
            self.ask(i, "CLUSTER", "ADDSLOTS", *map(str, its))
        for i in range(1, 6):
            self.ask(0, "CLUSTER", "MEET", "127.0.0.1", str(node_port(i)))
        self.await_all(lambda i: self.known(i) == 6, range(6))
        for i in range(3, 6):
            until(lambda i=i: self.ask(i, "CLUSTER", "REPLICATE", self.ids[i - 3]) == b"OK", 30)
            follows(i, i - 3)
        self.await_all(self.is_well, range(6))
        for number in range(3000):
            key = f"k{number}"
            self.keys.setdefault("abc"[self.owner[slot_of(key)]], []).append(key)

    def ask(self, i, *words):
        with self.direct(i) as direct:
            return direct.ask(*words)

    def known(self, i):
        lines = self.ask(i, "CLUSTER", "NODES").decode().splitlines()
        return 0 if any("handshake" in line for line in lines) else len(lines)

    def is_well(self, i):
        said = self.ask(i, "CLUSTER", "INFO").decode()
        return "cluster_state:ok" in said and "cluster_slots_fail:0" in said

    @staticmethod
    def await_all(condition, servers, seconds=90):
        assert until(lambda: all(condition(i) for i in servers), seconds, 0.05) <= seconds, "the Cluster is not well"

    def epoch(self, i):
        return int(re.search(r"cluster_current_epoch:(\d+)", self.ask(i, "CLUSTER", "INFO").decode()).group(1))

    def join(self, i):
        self.ask(0, "CLUSTER", "MEET", "127.0.0.1", str(node_port(i)))
        self.await_all(lambda each: self.known(each) == 7 and self.is_well(each), range(7))

    def forget(self, i):
        for other in range(self.servers):
            if other != i:
                self.ask(other, "CLUSTER", "FORGET", self.ids[i])
        self.ask(i, "CLUSTER", "RESET", "HARD")

    def move(self, slot, to, members):
        """Moves a slot as `redis-cli --cluster reshard` does, a few keys at a time."""
        source = self.owner[slot]
        with self.direct(source) as one, self.direct(to) as other:
            other.ask("CLUSTER", "SETSLOT", str(slot), "IMPORTING", self.ids[source])
            one.ask("CLUSTER", "SETSLOT", str(slot), "MIGRATING", self.ids[to])
            while keys := one.ask("CLUSTER", "GETKEYSINSLOT", str(slot), "5"):
                said = one.ask("MIGRATE", "127.0.0.1", str(node_port(to)), "", "0", "5000", "KEYS", *keys)
                assert not isinstance(said, Error), said
            # Whoever takes a slot does so with the next epoch after the greatest that it has heard of.
            self.await_all(lambda each: self.epoch(each) <= self.epoch(to), members)
            for said in (other.ask("CLUSTER", "SETSLOT", str(slot), "NODE", self.ids[to]),
                         one.ask("CLUSTER", "SETSLOT", str(slot), "NODE", self.ids[to])):
                assert said == b"OK" or "only with masters" in said, said
        self.owner[slot] = to

    def fail_over(self, replica):
        until(lambda: self.ask(replica, "CLUSTER", "FAILOVER") == b"OK", 30)
        assert until(lambda: role(replica) == "master", 30) <= 30

    def placement(self, port):
        seeds = ", ".join(f'"127.0.0.1:{node_port(i)}"' for i in range(3))
        return f"cluster.seeds = [{seeds}]"


class Mixed(Apart):
    """Clients that pipeline what there is over keys of some slots, and look at each reply."""

    @staticmethod
    def run(pipe, tags, count, pause=0.02):
        replies, wrong = [0] * count, []
        for tag in tags:
            await_served(tag)

        def work(number, is_over):
            client = Client(timeout=30)
            serial = 0
            while not is_over():
                serial += 1
                one, other = (f"{{{tags[(number + serial + i) % len(tags)]}}}m{number}" for i in range(2))
                listed = f"{one}list{serial}"
                steps = [
                    (("SET", one, str(serial)), b"OK"), (("GET", one), str(serial).encode()),
                    (("INCR", one), serial + 1), (("MSET", one, "x", other, "y"), b"OK"),
                    (("MGET", one, other), [b"x", b"y"]), (("RPUSH", listed, "1", "2"), 2),
                    (("EVAL", "return redis.call('RPUSH', KEYS[1], ARGV[1])", "1", listed, "3"), 3),
                    (("MULTI",), b"OK"), (("LPOP", listed), b"QUEUED"), (("EXEC",), [b"1"]),
                    (("BLPOP", listed, "10"), [listed.encode(), b"2"]), (("DEL", listed, one), 2)]
                client.socket.sendall(b"".join(request(*words) for words, _ in steps))
                for words, right in steps:
                    reply = client.read()
                    replies[number] += 1
                    if reply != right:
                        # A transaction is repeated by nobody, and ends in Redis's own word.
                        aborted = words == ("EXEC",) and str(reply).startswith("EXECABORT")
                        wrong.append(("aborted" if aborted else "wrong", f"{' '.join(words)[:60]}: {reply}"))
                        if aborted:
                            break
                else:
                    time.sleep(pause)
                    continue
                for _ in range(2):
                    client.read()  # what was behind it depends on it
                time.sleep(pause)

        def guarded(number, is_over):
            try:
                work(number, is_over)
            except Exception as e:
                wrong.append(("wrong", f"{type(e).__name__}: {e}"))
        Apart.at_once(pipe, count, guarded)
        pipe.send((sum(replies), wrong))

    def end(self):
        """How many replies there were, those that were wrong, and how many transactions were discarded."""
        replies, noted = super().end()
        wrong = [text for kind, text in noted if kind == "wrong"]
        return replies, wrong, len(noted) - len(wrong)


def said_of(mixed):
    replies, wrong, aborted = mixed.end()
    return (f"{replies} replies of 50 clients, {len(wrong)} wrong {wrong[:2] if wrong else ''}, {aborted} transactions"
            " discarded", not wrong)


@row("Cluster: slots move under 50 clients", "0 errors, 0 wrong (a transaction whose keys go meanwhile may be discarded);"
     " others untouched, p99 ≤ 5 × quiet", Cluster, settings="timeout = 5s")
def cluster_slots(on):
    tags = [on.keys["a"][i] for i in range(6)]
    quiet = quiet_p99("c", on.keys)
    mixed, others = Mixed(tags, 50), Others(on.keys, "c")
    time.sleep(0.5)
    moves = 0
    begun = time.monotonic()
    while time.monotonic() < begun + 15:
        to = 1 if on.owner[slot_of(tags[0])] == 0 else 0
        for tag in tags:
            on.move(slot_of(tag), to, range(6))
            moves += 1
    told_mixed, right = said_of(mixed)
    rest = others.end()
    return f"{moves} moves, {told_mixed}; quiet p99 {quiet:.1f} ms; {told(rest)}", right and untouched(rest, quiet)


@row("Cluster: planned failovers under 20 writers", "0 errors; others untouched", Cluster,
     settings="timeout = 20s, failover-wait = 20s")  # servers give an attempt up after five seconds
def cluster_planned(on):
    quiet = quiet_p99("bc", on.keys)
    writers, others = Writers(on.keys["a"][0], 20), Others(on.keys, "bc")
    time.sleep(0.5)
    for replica in 3, 0, 3, 0:
        on.fail_over(replica)
        time.sleep(1)
        on.await_all(on.is_well, range(6))
    notes, rest = writers.end(), others.end()
    return (f"4 failovers, {len(errors(notes))} errors of {len(notes)}"
            f"{example(errors(notes))}, slowest {ms(slowest(notes))}; {told(rest)}",
            not errors(notes) and untouched(rest, quiet))


@row("Cluster: primary killed with -9 (node-timeout 2 s)", "errors or waits until the election, then success ≤ 500 ms; none lost"
     " that was sent later; others 0 errors, p99 ≤ 5 × quiet", Cluster, settings="timeout = 20s, failover-wait = 20s")
def cluster_killed(on):
    quiet = quiet_p99("bc", on.keys)
    writers, others = Writers(on.keys["a"][0], 10), Others(on.keys, "bc")
    time.sleep(0.5)
    on.nodes[0].kill()
    on.nodes[0].wait()
    killed = time.monotonic()
    until(lambda: role(3) == "master", 60, 0.002)
    promoted = time.monotonic()
    time.sleep(2)
    notes, rest = writers.end(), others.end()
    first = first_success(notes, promoted)
    wrong = [note for note in errors(notes) if PERHAPS not in str(note[3])]
    lost = kept(notes, 3, promoted)
    return (f"elected after {promoted - killed:.1f} s, first write {ms(first)} after it, {len(errors(notes))} errors of"
            f" {len(notes)} (in flight then), {len(wrong)} other, {lost} lost; {told(rest)}",
            0 <= first <= 0.5 and not wrong and not lost and untouched(rest, quiet))


@row("Cluster: a server joins, gets slots, is emptied and forgotten", "found, used, let go under 50 clients: 0 errors, 0 wrong;"
     " its connections closed", Cluster, settings="timeout = 5s, cluster.refresh = 1s")
def cluster_joins(on):
    tags = [on.keys["a"][i] for i in range(6)]
    mixed = Mixed(tags, 50)
    on.join(6)
    for tag in tags:
        on.move(slot_of(tag), 6, range(7))
    time.sleep(1)
    with on.direct(6) as joined:
        used = int(re.search(r"cmdstat_mget:calls=(\d+)", joined.ask("INFO", "commandstats").decode()).group(1))
    for tag in tags:
        on.move(slot_of(tag), 0, range(7))
    on.forget(6)

    def is_left():
        with on.direct(6) as left:
            lines = left.ask("CLIENT", "LIST").decode().splitlines()
        return not any("cmd=mget" in line or "cmd=get" in line or "cmd=set" in line for line in lines)
    left = until(is_left, 30, 0.05)
    time.sleep(0.5)
    told_mixed, right = said_of(mixed)
    return f"{used} MGET executed there, {told_mixed}; let go after {ms(left)}", right and used > 0 and left <= 30


class Partial(Cluster):
    """A Cluster that serves what slots it has."""

    def options(self, i):
        return [*super().options(i), "--cluster-require-full-coverage", "no"]


@row("Cluster: slots without a server", "a clear error for those slots, after failover-wait; others 0 errors, p99 ≤ 5 × quiet;"
     " served again when their server is back", Partial, settings="timeout = 5s, failover-wait = 1s")
def cluster_uncovered(on):
    quiet = quiet_p99("bc", on.keys)
    key = on.keys["a"][0]
    await_served(key)
    others = Others(on.keys, "bc")
    for i in 3, 0:
        on.nodes[i].kill()
        on.nodes[i].wait()
    killed = time.monotonic()
    said = set()
    took = []
    with Client(timeout=30) as client:
        while time.monotonic() < killed + 6:
            reply, seconds = client.timed("GET", key)
            said.add(str(reply))
            took.append(seconds)
        clear = str(reply).startswith("CLUSTERDOWN") or "has no primary" in str(reply)
        on.start_node(0)
        await_port(node_port(0))
        back = until(lambda: not isinstance(client.ask("GET", key), Error), 60, 0.05)
    rest = others.end()
    shown = sorted(each[:60] for each in said)
    return (f"{len(took)} requests in 6 s, slowest {ms(max(took))}, the last an error{'' if clear else ' of another kind'}: {shown};"
            f" served {back:.1f} s after its server is back; {told(rest)}",
            clear and back <= 60 and max(took) <= 6 and untouched(rest, quiet))


@row("Cluster: pub/sub through planned failovers", "no errors; nothing out of order, twice or lost but while it changes; the"
     " shard channel follows its slot", Cluster, settings="timeout = 20s, failover-wait = 20s")
def cluster_pubsub(on):
    channel = on.keys["a"][0]
    await_served(channel)
    listener, publisher = Listener(channel, True), Publisher(channel, True)
    time.sleep(1)
    changes = []
    for replica in 3, 0:
        begun = time.monotonic()
        on.fail_over(replica)
        on.await_all(on.is_well, range(6))
        changes.append((begun, time.monotonic() + 1))
        time.sleep(2)
    notes = publisher.end()
    return compared(listener.end(), notes, changes)


@row("Cluster: SCAN while primaries are replaced", "each key at least once, no errors; at rest each once", Cluster,
     settings="timeout = 20s, failover-wait = 20s")
def cluster_scan(on):
    count = 4000

    def scan():
        found, cursor = [], b"0"
        while True:
            reply = client.ask("SCAN", cursor, "COUNT", "20", "MATCH", "scanned*")
            if isinstance(reply, Error):
                return found, [reply]
            cursor = reply[0]
            found += reply[1]
            if cursor == b"0":
                return found, []
            if not is_rest:
                time.sleep(0.005)

    with Client(timeout=30) as client:
        await_served(on.keys["a"][0])
        for i in range(count):
            client.write("SET", f"scanned{i}", "x")
        assert all(client.read() == b"OK" for _ in range(count))
        is_rest = True
        rest, failed = scan()
        is_rest = False
        changing = threading.Thread(target=lambda: [on.fail_over(i) for i in (3, 4, 5, 0, 1, 2)])
        changing.start()
        scans, least = 0, count
        while changing.is_alive() and not failed:
            found, failed = scan()
            scans += 1
            least = min(least, len(set(found)))
        changing.join()
    return (f"at rest {len(rest)} of {count}, {len(set(rest))} different; {scans} scans while six are replaced: {least} different at"
            f" least, {len(failed)} errors{failed or ''}",
            len(rest) == count == len(set(rest)) == least and not failed and scans > 0)


class Redirecting(Stage):
    """Two servers that say that they are a Cluster. The first sends each request to the second, for another slot than the
    request's, so that nothing can be learnt of it; the second answers."""
    servers = 0

    def begin(self):
        self.asked = self.redirected = 0
        self.listeners = []
        for i in range(2):
            self.listeners.append(socket.create_server(("127.0.0.1", node_port(i)), backlog=128))
            threading.Thread(target=self.accept, args=(i,), daemon=True).start()

    def accept(self, i):
        while True:
            try:
                connection, _ = self.listeners[i].accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(i, connection), daemon=True).start()

    def serve(self, i, connection):
        try:
            file = connection.makefile("rb", 1 << 16)
            while line := file.readline():
                words = []
                for _ in range(int(line[1:])):
                    words.append(file.read(int(file.readline()[1:]) + 2)[:-2].decode())
                connection.sendall(self.answer(i, words))
        except (OSError, ValueError):
            connection.close()

    def answer(self, i, words):
        what = " ".join(words[:2]).upper()
        if what == "CLUSTER NODES":
            self.asked += 1
            return bulk("".join(
                f"{'ab'[each] * 40} 127.0.0.1:{node_port(each)}@{node_port(each) + 10000}"
                f" {'myself,' if each == i else ''}master - 0 0 {each + 1} connected {'0-16383' if each == 0 else ''}\n"
                for each in range(2)))
        if what == "CLUSTER SLOTS":
            return b"*0\r\n"
        if what == "CLUSTER INFO":
            return bulk("cluster_state:ok\r\ncluster_current_epoch:2\r\n")
        if words[0].upper() == "CONFIG":
            return b"*0\r\n"
        if words[0].upper() == "GET" and i == 0:
            self.redirected += 1
            return b"-MOVED %d 127.0.0.1:%d\r\n" % ((slot_of(words[1]) + 1) % CLUSTER_SLOTS, node_port(1))
        return b"$5\r\nvalue\r\n" if words[0].upper() == "GET" else b"+PONG\r\n" if words[0].upper() == "PING" else b"+OK\r\n"

    def placement(self, port):
        return f'cluster.seeds = ["127.0.0.1:{node_port(0)}", "127.0.0.1:{node_port(1)}"]'

    def stop(self):
        for listener in self.listeners:
            deaf(listener)
        super().stop()


def bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text), text.encode())


@row("Cluster: a storm of redirections", "≤ 10 questions a second; the data path goes on", Redirecting, settings="timeout = 5s")
def moved_storm(on):
    with Client() as client:
        until(lambda: client.ask("GET", "key") == b"value", 10)
        before, moved = on.asked, on.redirected
        begun = time.monotonic()
        wrong = served = 0
        while time.monotonic() < begun + 5:
            client.socket.sendall(request("GET", "key") * 500)
            for _ in range(500):
                wrong += client.read() != b"value"
            served += 500
        seconds = time.monotonic() - begun
    asked, moved = on.asked - before, on.redirected - moved
    return (f"{asked / seconds:.1f} questions a second at {moved / seconds:.0f} redirections, {wrong} of {served} wrong",
            asked <= 10 * seconds + 1 and not wrong and served)
