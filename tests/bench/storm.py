# SPDX-License-Identifier: Apache-2.0
"""Clients of a gateway that dies come to another one within three seconds: what that costs the broker, the server that knows
the tokens, and the clients that were there before."""

import contextlib
import json
import subprocess
import time
import urllib.request

import processes
from report import Report, progress

RESIDENTS = 500
TOKENS = 100
INTERESTS = 50

CONFIGURATION = """\
threads: {threads}
log: {{level: warn}}
listeners: {{bench: {{address: "127.0.0.1:0"}}}}
buses: {{rabbit: {{plugin: amqp, settings: {{url: "{url}", exchanges: {{xivo: {{declare: true}}}}}}}}}}
cluster: {{bus: rabbit, node: {node}, channel: xivo}}
upstreams: {upstreams}
authenticators: {{wazo: {authenticator}}}
mounts:
  bench:
    plugin: wazo
    listen: [{{listener: bench, path: "/"}}]
    authenticator: wazo
    limits: {{ping_interval: 1h}}
    settings: {{tls: "off"}}
admin: {{address: "127.0.0.1:0", token: bench}}
"""

COLUMNS = [
    ("scenario", "scenario", "s"), ("ready_p50_ms", "ready p50 ms", ".1f"), ("ready_p99_ms", "ready p99 ms", ".1f"),
    ("before_p50_ms", "event p50 ms", ".2f"), ("before_p99_ms", "p99 ms", ".2f"), ("p50_ms", "in storm p50 ms", ".2f"),
    ("p99_ms", "p99 ms", ".2f"), ("shard_before_p50_ms", "shard before p50 <= ms", "g"), ("shard_before_p99_ms", "p99 <= ms", "g"),
    ("shard_p50_ms", "in storm p50 <= ms", "g"), ("shard_p99_ms", "p99 <= ms", "g"), ("cpu_s", "CPU s", ".2f"), ("seconds", "s", ".1f"), ("tokens", "tokens asked", "d"),
    ("bindings", "bindings more", "d"), ("declared", "queues declared", "d"), ("connections", "broker connections", "d"),
]


class Servers:
    def __init__(self, process):
        self.process = process
        self.settings = self.read()

    def read(self):
        # What it shares with the tests brings node:test, which has lines of its own to say.
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise processes.BenchError("RabbitMQ or the stand-in for wazo-auth did not start")

    def figures(self):
        # RabbitMQ counts what is new every five seconds.
        time.sleep(6)
        self.process.stdin.write("figures\n")
        self.process.stdin.flush()
        return self.read()


@contextlib.contextmanager
def servers():
    process = processes.start([processes.tool("node"), str(processes.TREE / "tests" / "bench" / "storm_servers.js"), str(TOKENS)],
                              processes.LOAD_CORE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Servers(process)
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def delays(port):
    """The gateway's own count of how long events were on their way in it: upper bound in seconds -> how many so far."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"authorization": "Bearer bench"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    buckets = [line for line in lines if line.startswith("dragoman_event_delay_seconds_bucket{")]
    return {float(line.split('le="')[1].split('"')[0]): int(line.rsplit(" ", 1)[1]) for line in buckets}


def quantiles(name, before, after):
    seen = {bound: after[bound] - before[bound] for bound in sorted(after)}
    total = max(seen.values())
    least = lambda share: next(bound for bound, count in seen.items() if count >= share * total) * 1000
    return {f"{name}_p50_ms": least(0.5), f"{name}_p99_ms": least(0.99)}


def measure(report, clients):
    progress(f"storm, {clients} clients")
    with servers() as around, contextlib.ExitStack() as stack:
        settings = {key: json.dumps(value) if key != "url" else value for key, value in around.settings.items()}
        start = lambda node: stack.enter_context(processes.serve(CONFIGURATION.format(node=node, threads=1, **settings)))
        (pid, ports), (victim, victim_ports) = start("survivor"), start("victim")
        command = [processes.program("bench_storm"), ports["listeners"]["bench"], ports["admin"], pid, victim_ports["listeners"]["bench"],
                   victim, RESIDENTS, clients, TOKENS, INTERESTS]
        load = processes.start([str(word) for word in command], processes.LOAD_CORE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        load.stdout.readline()
        before = around.figures()
        counted = [delays(ports["admin"])]
        load.stdin.write("\n")
        load.stdin.flush()
        load.stdout.readline()
        counted.append(delays(ports["admin"]))
        out, err = load.communicate()
        counted.append(delays(ports["admin"]))
        if load.returncode:
            raise processes.BenchError(f"bench_storm failed: {out.strip()} {err.strip()}")
        after = around.figures()
    result = json.loads(out)
    milliseconds = {key[:-3] + "_ms": value / 1000 for key, value in result.items() if key.endswith("_us")}
    report.add({"server": "dragoman", "scenario": f"{clients} clients", **milliseconds, **quantiles("shard_before", *counted[:2]), **quantiles("shard", *counted[1:]), "cpu_s": result["cpu_s"], "seconds": result["seconds"],
                "retries": result["retries"], "bindings": len(set(after.pop("bindings")) - set(before.pop("bindings"))),
                **{key: after[key] - before[key] for key in after}})


def run(arguments):
    clients = 2000 if arguments.quick else 10000
    processes.need_files(clients + RESIDENTS + 100)
    report = Report(COLUMNS, arguments.json)
    try:
        measure(report, clients)
    finally:
        report.finish()
