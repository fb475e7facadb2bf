"""mixed.py PORT CLIENTS PIPELINE REQUESTS KEYS: nine GETs to one SET of 3-byte values, keys by Zipf's law (exponent 0.99).

Prints what `redis-benchmark` prints of its figures. It is Python: it finds what the proxy's CPU a request and latency are,
not what its greatest throughput is. The keys must be there."""
import itertools
import random
import selectors
import socket
import sys
import time

SCRIPTS = 256


def scripts(pipeline, keys):
    """Batches of requests, each with the length of its replies."""
    weights = list(itertools.accumulate(1 / (rank + 1) ** 0.99 for rank in range(keys)))
    chosen = random.Random(1)
    made = []
    for _ in range(SCRIPTS):
        out, replies = [], 0
        for key in chosen.choices(range(keys), cum_weights=weights, k=pipeline):
            if chosen.random() < 0.1:
                out.append(b'*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$3\r\nxxx\r\n' % key)
                replies += len(b'+OK\r\n')
            else:
                out.append(b'*2\r\n$3\r\nGET\r\n$16\r\nkey:%012d\r\n' % key)
                replies += len(b'$3\r\nxxx\r\n')
        made.append((b''.join(out), replies))
    return made


class Client:
    def __init__(self, port, number):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.turn, self.left, self.sent = number, 0, 0.0

    def send(self, all_scripts):
        data, self.left = all_scripts[self.turn % SCRIPTS]
        self.turn += 1
        self.sent = time.perf_counter()
        self.socket.sendall(data)


def main():
    port, clients, pipeline, requests, keys = map(int, sys.argv[1:])
    all_scripts = scripts(pipeline, keys)
    selector = selectors.DefaultSelector()
    batches = max(clients, requests // pipeline)
    latencies = []
    begun = 0
    start = time.perf_counter()
    for number in range(clients):
        client = Client(port, number * 7)
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.send(all_scripts)
        begun += 1
    while len(latencies) < batches:
        for key, _ in selector.select(10):
            client = key.data
            got = len(client.socket.recv(65536))
            if got == 0:
                sys.exit('the proxy closed a connection')
            client.left -= got
            if client.left < 0:
                sys.exit('more replies than requests')
            if client.left == 0:
                latencies.append((time.perf_counter() - client.sent) * 1e3)
                if begun < batches:
                    client.send(all_scripts)
                    begun += 1
    seconds = time.perf_counter() - start
    latencies.sort()
    at = [latencies[min(len(latencies) - 1, int(len(latencies) * q))] for q in (0.5, 0.95, 0.99, 0.999)]
    print(f'throughput summary: {batches * pipeline / seconds:.2f} requests per second')
    print('  avg       min       p50       p95       p99       max')
    print(f'  {sum(latencies) / len(latencies):.3f} {latencies[0]:.3f} {at[0]:.3f} {at[1]:.3f} {at[2]:.3f} {latencies[-1]:.3f}')
    print(f'99.900% <= {at[3]:.3f} milliseconds (cumulative count {batches})')


if __name__ == '__main__':
    main()
