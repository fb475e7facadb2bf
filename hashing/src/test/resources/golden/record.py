#!/usr/bin/env python3
"""Asks the real twemproxy where each key of a map_*.json is, and prints the file anew.

usage: record.py FILE [NUTCRACKER]

Each node is a server that answers every command with its own place in the file. The addresses in the
file must be this machine's and free: ip address add 10.1.0.1/32 dev lo, where they are not.
"""
import json, os, socketserver, subprocess, sys, tempfile, threading, time, socket

PORT = 22199  # of the proxy; its statistics are one above


class Node(socketserver.StreamRequestHandler):
    def handle(self):
        while header := self.rfile.readline():
            for _ in range(int(header[1:])):
                self.rfile.read(int(self.rfile.readline()[1:]) + 2)
            self.wfile.write(b":%d\r\n" % self.server.place)


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def start(place, host, port):
    if host.startswith("/") and os.path.exists(host):
        os.unlink(host)
    server = Unix(host, Node) if host.startswith("/") else Tcp((host, port), Node)
    server.place = place
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def record(pool, keys, nutcracker):
    address = lambda s: s["host"] if s["host"].startswith("/") else "%(host)s:%(port)d" % s
    lines = ["p:", f" listen: 127.0.0.1:{PORT}", " redis: true"]
    lines += [f" {key}: {pool[key]}" for key in ("hash", "distribution")]
    lines += [f' hash_tag: "{pool["hash_tag"]}"'] if pool["hash_tag"] else []
    lines += [" servers:"]
    lines += [f"  - {address(s)}:{s['weight']} {s['name'] or ''}".rstrip() for s in pool["servers"]]
    nodes = [start(i, s["host"], s["port"]) for i, s in enumerate(pool["servers"])]
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/p.yml", "w") as file:
            file.write("\n".join(lines) + "\n")
        proxy = subprocess.Popen(
            [nutcracker, "-c", f"{directory}/p.yml", "-s", str(PORT + 1), "-o", f"{directory}/log"])
        try:
            time.sleep(0.5)
            client = socket.create_connection(("127.0.0.1", PORT))
            replies = client.makefile("rb")
            for row in keys:
                key = bytes.fromhex(row[0])
                client.sendall(b"*2\r\n$4\r\nINCR\r\n$%d\r\n%s\r\n" % (len(key), key))
                row[1] = int(replies.readline()[1:])
        finally:
            proxy.terminate()
            proxy.wait()
            for node in nodes:
                node.shutdown()
                node.server_close()


pools = json.load(open(sys.argv[1]))
for one in pools:
    record(one["pool"], one["keys"], sys.argv[2] if len(sys.argv) > 2 else "nutcracker")
json.dump(pools, sys.stdout, separators=(",", ":"))
