"""The generator of load in lock step (lockstep.c) for what counts a request's costs: it is the nodes, too."""
import subprocess
from pathlib import Path

import bench

HERE = Path(__file__).resolve().parent


class Load:
    """Sends GETs to the proxy on a port, and answers them on the ports of its nodes."""

    def __init__(self, work, port, nodes):
        self.port = port
        program = str(work / 'lockstep')
        subprocess.run(['cc', '-O2', '-w', '-o', program, str(HERE / 'lockstep.c')], check=True)
        self.process = subprocess.Popen([program, ','.join(map(str, nodes))], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for node in nodes:
            if not bench.wait_port(node):
                self.close()
                raise SystemExit(f'the node on {node} does not listen; is the port taken?')

    def run(self, load, requests):
        """So many requests of clients x requests in a pipeline ('50x16'), at least; returns how many there were."""
        clients, pipeline = load.split('x')
        self.process.stdin.write(f'run {self.port} {clients} {pipeline} {requests} L\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) < 4:
            raise SystemExit(f'the load {load} failed: {answer}')
        return int(answer[1])

    def close(self):
        self.process.kill()
        self.process.wait()
