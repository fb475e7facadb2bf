#!/usr/bin/env python3
"""CPU that a request of a memcached pool costs, beside twemproxy: in lock step, in the same rounds.

  memcached.py --cashew 'java -jar proxy.jar serve -c {conf}' [--rounds 7] [--port 24540]

Starts three memcached, nutcracker (`-v 0`) and Cashew with one worker, each with a configuration of its own. A load is
50 clients; each sends its requests of a round, then all replies are read. A round goes over all loads of one proxy, then
of the other; CPU is what /proc/PID/task/*/schedstat says around a load. Medians of the rounds, and of the ratios within a
round, with their least and largest: the CPU of a request does not wait for a processor, so a busy machine shows in the
spread, not in the clock. Needs memcached and nutcracker.
"""
import argparse
import os
import pathlib
import shlex
import socket
import statistics
import subprocess
import tempfile
import time

import bench

CLIENTS = 50
KEYS = 10_000
LOADS = {
    'get P1': ('get', 1), 'get x16': ('get', 16),
    'set P1': ('set', 1), 'set x16': ('set', 16),
    'get of ten P1': ('ten', 1), 'get of ten x16': ('ten', 16),
}
VALUE = b'xxx'
NUTCRACKER = """p:
  listen: 127.0.0.1:{port}
  hash: murmur
  distribution: ketama
  timeout: 5000
  servers:
{servers}
"""
CASHEW = """cashew {{ workers = 1, admin.listen = off
  pools.p {{ listen = "127.0.0.1:{port}", protocol = memcached, hash = murmur, timeout = 5s, nodes = [ {nodes} ] }} }}
"""


def request(kind, n):
    if kind == 'get':
        return b'get key:%05d\r\n' % (n % KEYS)
    if kind == 'set':
        return b'set key:%05d 0 0 3\r\nxxx\r\n' % (n % KEYS)
    return b'get ' + b' '.join(b'key:%05d' % ((n * 7 + i * 997) % KEYS) for i in range(10)) + b'\r\n'


class Load:
    """Clients of one port."""

    def __init__(self, port):
        self.clients = [socket.create_connection(('127.0.0.1', port)) for _ in range(CLIENTS)]
        for each in self.clients:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.next = 0

    def run(self, kind, pipeline, rounds):
        end = b'STORED\r\n' if kind == 'set' else b'END\r\n'
        for _ in range(rounds):
            for each in self.clients:
                each.sendall(b''.join(request(kind, self.next + i) for i in range(pipeline)))
                self.next += pipeline
            for each in self.clients:
                left, rest = pipeline, b''
                while left > 0:
                    said = each.recv(1 << 20)
                    if not said or b'ERROR' in said:
                        raise SystemExit(f'memcached.py: {said[:100]!r}')
                    rest += said
                    left -= rest.count(end)
                    rest = rest[1 - len(end):]  # an end may come in two pieces
        return rounds * CLIENTS * pipeline


def ran(pid):
    return sum(int(bench.read(f'/proc/{pid}/task/{t}/schedstat').split()[0]) for t in os.listdir(f'/proc/{pid}/task'))


def main():
    options = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    options.add_argument('--cashew', required=True)
    options.add_argument('--rounds', type=int, default=7)
    options.add_argument('--requests', type=int, default=40_000)
    options.add_argument('--port', type=int, default=24540, help='the first of five')
    a = options.parse_args()
    nodes = [a.port + i for i in range(3)]
    started = []
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        (work / 'nc.yml').write_text(NUTCRACKER.format(
            port=a.port + 3, servers='\n'.join(f'   - 127.0.0.1:{n}:1 n{i}' for i, n in enumerate(nodes))))
        (work / 'cashew.conf').write_text(CASHEW.format(
            port=a.port + 4, nodes=', '.join(f'"127.0.0.1:{n}:1 n{i}"' for i, n in enumerate(nodes))))
        try:
            for n in nodes:
                started.append(subprocess.Popen(['memcached', '-l', '127.0.0.1', '-p', str(n), '-U', '0', '-t', '1',
                                                 '-u', 'nobody']))
            logs = open(work / 'logs', 'w')
            proxies = {'nutcracker': subprocess.Popen(['nutcracker', '-v', '0', '-c', str(work / 'nc.yml'), '-s',
                                                       str(a.port + 5)], stdout=logs, stderr=logs),
                       'cashew': subprocess.Popen(shlex.split(a.cashew.replace('{conf}', str(work / 'cashew.conf'))),
                                                  stdout=logs, stderr=logs)}
            started += proxies.values()
            loads = {}
            for i, name in enumerate(proxies):
                if not bench.wait_port(a.port + 3 + i, 60):
                    raise SystemExit(f'{name} does not listen: {(work / "logs").read_text()[-500:]}')
                loads[name] = Load(a.port + 3 + i)
                loads[name].run('set', 16, 2 * KEYS // CLIENTS // 16 + 1)
            for kind, pipeline in LOADS.values():  # compiles
                loads['cashew'].run(kind, pipeline, 3 * a.requests // CLIENTS // pipeline)
            spent = {(name, load): [] for name in proxies for load in LOADS}
            for r in range(a.rounds):
                for load, (kind, pipeline) in LOADS.items():
                    for name in list(proxies)[:: 1 if r % 2 == 0 else -1]:
                        before = ran(proxies[name].pid)
                        count = loads[name].run(kind, pipeline, a.requests // CLIENTS // pipeline)
                        spent[name, load].append((ran(proxies[name].pid) - before) / count / 1000)
            print('| load | nutcracker, µs | Cashew, µs | ratio | least to largest |\n|---|---|---|---|---|')
            for load in LOADS:
                ratios = sorted(c / n for c, n in zip(spent['cashew', load], spent['nutcracker', load]))
                print('| %s | %.2f | %.2f | %.2f | %.2f to %.2f |' % (
                    load, statistics.median(spent['nutcracker', load]), statistics.median(spent['cashew', load]),
                    statistics.median(ratios), ratios[0], ratios[-1]))
        finally:
            for each in started:
                each.terminate()
            for each in started:
                each.wait()


if __name__ == '__main__':
    main()
