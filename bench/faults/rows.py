"""The rows of the table that `run` prints, and words that they have in common."""
import threading
import time

from stage import Error, Others, Stage

ROWS = []
KEYS = {}


def row(name, required, on=Stage, **stage_settings):
    """A function of what it is played on, which says what was measured and whether that is as required."""
    def add(play):
        ROWS.append((name, required, on, stage_settings, play))
        return play
    return add


def ms(seconds):
    return f"{seconds * 1000:.0f} ms"


def quiet_p99(nodes, keys=KEYS):
    others = Others(keys, nodes)
    time.sleep(0.7)
    return others.end()["p99"]


def told(results):
    return (f"others: {results['errors']} errors, {results['wrong']} wrong, p99 {results['p99']:.1f} ms, worst"
            f" {results['worst']:.0f} ms of {results['n']}")


def untouched(results, quiet=0.0):
    return (results["n"] > 0 and not results["errors"] and not results["wrong"] and not results["closed"]
            and results["p99"] <= max(20, 5 * quiet))


def until(done, seconds, pause=0.005):
    """How long it took; more than `seconds` if it did not come."""
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > seconds:
            return seconds + 1
        time.sleep(pause)
    return time.monotonic() - begun


def serves(client, key):
    reply, _ = client.timed("GET", key)
    return not isinstance(reply, Error) and reply is not EOFError


def together(count, work):
    failures = []

    def guarded(i):
        try:
            work(i)
        except Exception as e:
            failures.append(e)
    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
