"""What the rows are played on: Redis servers, relays in front of them that do what they are told, a proxy, and clients."""
import collections
import itertools
import multiprocessing
import os
import pathlib
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASHEW = ROOT / "bin" / "cashew"
TIMEOUT, RETRY_AFTER, FAILURE_LIMIT = 0.4, 1.0, 3
NAMES = "abc"
base_port = 7500


def proxy_port():
    return base_port


def node_port(i):
    return base_port + 10 + i


def relay_port(i):
    return base_port + 20 + i


class Error(str):
    """An error reply."""


def request(*words):
    words = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class Client:
    """A connection that says what it is told and reads replies; EOFError if the connection ends, also in the middle."""

    def __init__(self, port=None, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port or proxy_port()), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb", 1 << 16)

    def write(self, *words):
        self.socket.sendall(request(*words))

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return Error(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            if length < 0:
                return None
            value = self.file.read(length + 2)
            if len(value) < length + 2:
                raise EOFError
            return value[:-2]
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        raise ValueError(f"no reply: {line[:80]}")

    def ask(self, *words):
        self.write(*words)
        return self.read()

    def timed(self, *words):
        begun = time.monotonic()
        try:
            reply = self.ask(*words)
        except (EOFError, OSError):
            reply = EOFError
        except RecursionError:  # so deep that a part of it has passed: then the connection has to end
            while self.file.read(1 << 16):
                pass
            reply = EOFError
        return reply, time.monotonic() - begun

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()


class Link:
    """One connection through a relay."""

    def __init__(self, relay, client):
        self.relay, self.client = relay, client
        self.node = socket.create_connection(("127.0.0.1", relay.target), 5)
        self.node.settimeout(None)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.node.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.frozen = False
        self.due = collections.deque()
        self.changed = threading.Condition()
        self.ended = False
        for work in self.requests, self.replies, self.deliver:
            threading.Thread(target=work, daemon=True).start()

    def requests(self):
        try:
            while data := self.receive():
                if not self.relay.blackhole and not self.frozen:
                    self.node.sendall(data)
            self.node.shutdown(socket.SHUT_WR)
        except (OSError, ValueError):
            self.end()

    def receive(self):
        """Without waiting in the socket: one that somebody waits in is not reset when it is closed."""
        while not select.select([self.client], [], [], 0.01)[0]:
            pass
        return self.client.recv(1 << 16)

    def replies(self):
        try:
            while data := self.node.recv(1 << 16):
                if not self.relay.blackhole and not self.frozen:
                    self.put(data)
            self.put(None)
        except OSError:
            self.put(None)

    def put(self, data):
        with self.changed:
            last = self.due[-1][0] if self.due else 0
            self.due.append((max(last, time.monotonic() + self.relay.latency), data))
            self.changed.notify()

    def deliver(self):
        try:
            while not self.ended:
                with self.changed:
                    while not self.due and not self.ended:
                        self.changed.wait(1)
                    if self.ended:
                        return
                    at, data = self.due.popleft()
                time.sleep(max(0, at - time.monotonic()))
                if data is None:
                    self.end()
                    return
                replies = self.relay.replies
                if replies is None:
                    self.client.sendall(data)
                else:
                    replies(self, data)
        except OSError:
            self.end()

    def end(self, reset=False):
        self.ended = True
        try:
            if reset:
                self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # it has ended before
        for end in self.client, self.node:
            try:
                if not reset:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


class Relay:
    """Stands before a server. `replies(link, data)` may do anything with what the server says."""

    def __init__(self, port, target):
        self.port, self.target = port, target
        self.latency = 0
        self.blackhole = False
        self.replies = None
        self.accepts = True
        self.connects = []
        self.links = []
        self.listen()

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connects.append(time.monotonic())
            if not self.accepts:
                client.close()
                continue
            try:
                self.links.append(Link(self, client))
            except OSError:
                client.close()

    def refuse(self):
        """No port listens, and what was open is reset."""
        self.deaf()
        self.end_links(True)

    def deaf(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it does not listen
        self.listener.close()

    def end_links(self, reset=False):
        links, self.links = self.links, []
        for link in links:
            link.end(reset)

    def well(self):
        self.latency, self.blackhole, self.replies, self.accepts = 0, False, None, True

    def close(self):
        self.deaf()
        self.end_links()


class Stage:
    servers = 3

    def __init__(self, relays=False, settings="", top="", append_only=False, files=None, workers="auto", options=""):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cashew-faults-"))
        self.append_only = append_only
        self.nodes = [None] * self.servers
        self.relays = []
        self.proxy = None
        self.others = []
        try:
            self.start(relays, settings, top, files, workers, options)
        except BaseException:
            self.stop()
            raise

    def start(self, relays, settings, top, files, workers, options):
        for i in range(self.servers):
            must_be_free(node_port(i))
            self.start_node(i)
        must_be_free(proxy_port())
        for i in range(self.servers):
            await_port(node_port(i))
        self.begin()
        for i in range(3 if relays else 0):
            self.relays.append(Relay(relay_port(i), node_port(i)))
        self.configuration = self.directory / "cashew.conf"
        self.text = f"""cashew {{
  workers = {workers}
  admin.listen = "127.0.0.1:{base_port + 1}"
  {top}
  pools.p {{
    listen = "127.0.0.1:{base_port}"
    timeout = {int(TIMEOUT * 1000)}ms, retry-after = {RETRY_AFTER}s, failure-limit = {FAILURE_LIMIT}
    {self.placement(relay_port if relays else node_port)}
    {settings}
  }}
}}
"""
        self.configuration.write_text(self.text)
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        with open(self.directory / "proxy.log", "w") as log:
            self.proxy = subprocess.Popen([CASHEW, "serve", "-c", self.configuration], stdout=log, preexec_fn=limit,
                                          stderr=subprocess.STDOUT, env=dict(os.environ, CASHEW_OPTS=options))
        await_port(proxy_port())

    def begin(self):
        """The servers listen, and nothing more."""

    def placement(self, port):
        """What the proxy is told of the servers."""
        nodes = ", ".join(self.node(i, name, port) for i, name in enumerate(NAMES))
        return f'hash = murmur, hash-tag = "{{}}", nodes = [{nodes}]'

    def node(self, i, name, port):
        return f'"127.0.0.1:{port(i)}:1 {name}"'

    def options(self, i):
        """Of a server, beside those of all."""
        return []

    def start_another(self, configuration, log, *options):
        """Another proxy, which ends with the stage."""
        with open(self.directory / log, "a") as out:
            proxy = subprocess.Popen([CASHEW, "serve", *options, "-c", configuration], stdout=out, stderr=subprocess.STDOUT)
        self.others.append(proxy)
        return proxy

    def start_node(self, i, *options):
        home = self.directory / f"node{i}"
        home.mkdir(exist_ok=True)
        self.nodes[i] = subprocess.Popen(
            ["redis-server", "--port", str(node_port(i)), "--save", "", "--dir", home, "--appendonly",
             "yes" if self.append_only else "no", "--appendfsync", "always", *self.options(i), *options], stdout=subprocess.DEVNULL)

    def direct(self, i):
        return Client(node_port(i))

    def metric(self, beginning):
        """The sum of what the proxy's metrics say in lines that begin so."""
        await_port(base_port + 1)
        with urllib.request.urlopen(f"http://127.0.0.1:{base_port + 1}/metrics") as reply:
            lines = reply.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(beginning))

    def rss(self):
        for line in open(f"/proc/{self.proxy.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.proxy.pid}/fd"))

    def cpu_seconds(self):
        fields = open(f"/proc/{self.proxy.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def warm(self):
        """Code that has never run allocates; what is measured is a proxy that has worked."""
        with Client() as client:
            for i in range(1500):
                client.ask("SET", f"warm{i % 100}", "x" * 50)
                client.ask("GET", f"warm{i % 100}")
            for _ in range(100):
                client.ask("MGET", *[f"warm{i}" for i in range(20)])
        for _ in range(500):
            with Client() as client:
                client.ask("PING")

    def peak(self, work):
        """What `work` returns, by how many MB memory grew at most, and what was left of it a second later."""
        before = self.rss()
        highest = [before]
        ended = threading.Event()

        def look():
            while not ended.wait(0.01):
                highest[0] = max(highest[0], self.rss())

        looking = threading.Thread(target=look)
        looking.start()
        try:
            result = work()
        finally:
            ended.set()
            looking.join()
        time.sleep(1)
        return result, highest[0] - before, self.rss() - before

    def stop(self):
        for relay in self.relays:
            relay.close()
        for process in [self.proxy, *self.others, *self.nodes]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def must_be_free(port):
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"something else listens on port {port}: end it, or choose others with --port")


def await_port(port, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise SystemExit(f"nothing listens on port {port}") from None
            time.sleep(0.01)


def await_served(key, seconds=60):
    """Until the proxy has found the server of a key; its value is nobody else's."""
    end = time.monotonic() + seconds
    with Client(timeout=30) as client:
        while isinstance(client.ask("SET", key, "served"), Error):
            if time.monotonic() > end:
                raise SystemExit(f"{key} is not served")
            time.sleep(0.05)


class Apart:
    """Clients in a process of their own: `run` says into its pipe that they have begun, waits to be told to end, and
    says what became of them."""

    def __init__(self, *what):
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.run, args=(theirs, *what), daemon=True)
        self.process.start()
        self.ours.recv()

    def end(self):
        self.ours.send("end")
        said = self.ours.recv()
        self.process.join()
        return said

    @staticmethod
    def at_once(pipe, count, work):
        """Has so many threads work, each with its number and whether it is over, until the other process says so."""
        over = threading.Event()
        threads = [threading.Thread(target=work, args=(i, over.is_set)) for i in range(count)]
        for thread in threads:
            thread.start()
        pipe.send("ready")
        pipe.recv()
        over.set()
        for thread in threads:
            thread.join()


class Others(Apart):
    """A client in a process of its own that sets and gets values of its own, and what became of it."""

    serial = itertools.count()

    def __init__(self, keys, nodes, pause=0.002):
        super().__init__({node: f"{{{keys[node][0]}}}others{next(self.serial)}" for node in nodes}, pause)

    @staticmethod
    def run(pipe, keys, pause):
        results = {"n": 0, "errors": 0, "wrong": 0, "closed": 0, "latencies": [], "messages": set()}
        possible = {node: {b"served"} for node in keys}
        client = None
        count = 0
        for key in keys.values():
            await_served(key)
        pipe.send("ready")
        while not pipe.poll():
            for node, key in keys.items():
                try:
                    client = client or Client(timeout=5)
                    count += 1
                    value = f"{key} {count}".encode()
                    begun = time.monotonic()
                    reply = client.ask("SET", key, value)
                    results["latencies"].append(time.monotonic() - begun)
                    results["n"] += 2
                    if reply == b"OK":
                        possible[node] = {value}
                    elif isinstance(reply, Error):
                        results["errors"] += 1
                        results["messages"].add(reply)
                        possible[node].add(value)
                    else:
                        results["wrong"] += 1
                    begun = time.monotonic()
                    reply = client.ask("GET", key)
                    results["latencies"].append(time.monotonic() - begun)
                    if isinstance(reply, Error):
                        results["errors"] += 1
                        results["messages"].add(reply)
                    elif reply not in possible[node]:
                        results["wrong"] += 1
                    else:
                        possible[node].add(reply)
                except (EOFError, OSError):
                    results["closed"] += 1
                    client = None
                    time.sleep(0.01)
            time.sleep(pause)
        pipe.send(results)

    def end(self):
        results = super().end()
        ordered = sorted(results.pop("latencies")) or [0]
        results["p99"] = ordered[int(len(ordered) * 0.99)] * 1000
        results["worst"] = ordered[-1] * 1000
        return results


class Knocking:
    """Clients that connect anew for each request, and clients that stay: those look for the end before they send."""

    def __init__(self, port, pauses=(0, 0.001, 0.005, 0.02, 0.1, 0.5)):
        self.port = port
        self.over = threading.Event()
        self.failures = []
        self.served = self.stayed = self.closes = 0
        self.threads = [threading.Thread(target=self.come_and_go) for _ in range(2)]
        self.threads += [threading.Thread(target=self.stay, args=(pause,)) for pause in pauses]
        for thread in self.threads:
            thread.start()

    def come_and_go(self):
        while not self.over.is_set():
            try:
                with Client(self.port) as client:
                    if client.ask("PING") != b"PONG":
                        self.failures.append("no PONG")
                self.served += 1
            except (EOFError, OSError) as e:
                self.failures.append(f"new: {e!r}")

    def stay(self, pause):
        client = None
        while not self.over.is_set():
            try:
                client = client or Client(self.port)
                if select.select([client.socket], [], [], pause)[0]:
                    self.closes += 1
                    if client.socket.recv(1):
                        self.failures.append("a byte that nobody asked for")
                    client.close()
                    client = None
                elif client.ask("SET", "k", "v") != b"OK":
                    self.failures.append("no OK")
                else:
                    self.stayed += 1
            except (EOFError, OSError) as e:
                self.failures.append(f"stays, pause {pause}: {e!r}")
                client = None

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        return (f"{self.served} new clients, {self.stayed} requests of those that stay, closed {self.closes} times between two:"
                f" {len(self.failures)} lost {self.failures[:3] if self.failures else ''}")


def key_names():
    """Keys of each node, as the proxy's own `route` tells."""
    with tempfile.TemporaryDirectory() as temporary:
        configuration = pathlib.Path(temporary) / "cashew.conf"
        nodes = ", ".join(f'"127.0.0.1:{node_port(i)}:1 {name}"' for i, name in enumerate(NAMES))
        configuration.write_text(
            f'cashew {{ pools.p {{ listen = "127.0.0.1:{base_port}", hash = murmur, hash-tag = "{{}}", nodes = [{nodes}] }} }}')
        told = subprocess.run([CASHEW, "route", "-c", configuration, *[f"k{i}" for i in range(300)]],
                              capture_output=True, text=True, check=True).stdout
    keys = {name: [] for name in NAMES}
    for line in told.splitlines():
        key, node = line.split("\t")
        keys[node].append(key)
    return keys


def corpus(name):
    """Rows of a corpus of the tests: tag, name, bytes."""
    rows = []
    for line in (ROOT / "proxy/src/test/resources/corpus" / name).read_text().splitlines():
        if not line.startswith("#"):
            tag, what, text = line.split("\t", 2)
            rows.append((tag, what, unescape(text)))
    return rows


def unescape(text):
    out = bytearray()
    i = 0
    while i < len(text):
        if text[i] != "\\":
            out += text[i].encode("latin-1")
            i += 1
            continue
        letter = text[i + 1]
        if letter == "x":
            out.append(int(text[i + 2:i + 4], 16))
            i += 4
        elif letter == "{":
            star, end = text.index("*", i), text.index("}", text.index("*", i) + 1)
            out += unescape(text[star + 1:end]) * int(text[i + 2:star])
            i = end + 1
        else:
            out += {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}[letter]
            i += 2
    return bytes(out)
