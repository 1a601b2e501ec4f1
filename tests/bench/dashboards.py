# SPDX-License-Identifier: Apache-2.0
"""Dashboards of the dialect valtronics, fed by Mosquitto: processor time of a delivery, memory, the cost of select() per
subscription, and what it takes to verify everybody's token at once."""

import contextlib
import multiprocessing
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

import counts
import fanout
import processes
import websocket
from journal import percentiles
from report import Report, progress

GROUPS, DEVICES = 100, 1000
BY_DEVICE = '{"type":"subscribe","channel":"telemetry","device_id":{devices},"metrics":["m{g}"]}'
BY_METRIC = '{"type":"subscribe","channel":"telemetry","metrics":["m{g}"]}'
TARGET = 1.5

CONFIGURATION = """\
threads: 1
log: {{level: warn}}
listeners:
  bench: {{address: "127.0.0.1:0"}}
buses:
  main: {{{bus}}}
authenticators:
  bench: {{{authenticator}}}
mounts:
  bench:
    plugin: valtronics
    listen: [{{listener: bench, path: "/"}}]
    bus: main
    authenticator: bench
    limits: {{connections: 0, connections_per_user: 0, connections_per_minute: 0, ping_interval: 1h, control_per_second: 10000}}
    settings: {{channel: "", subscription_acks: true, auth_timeout: 0}}
admin: {{address: "127.0.0.1:0", token: bench}}
"""
STATIC = "type: static, tokens: [{token: bench-token, user: bench}]"

COLUMNS = [
    ("scenario", "scenario", "s"), ("server", "server", "s"), ("cpu_s_per_million", "CPU s/million", ".3f"),
    ("p50_us", "p50 us", "d"), ("p99_us", "p99 us", "d"), ("bytes_per_connection", "bytes/connection", ".0f"),
    ("per_subscription", "per subscription", ".1f"), ("per_second", "per second", "d"), ("p50_ms", "p50 ms", ".2f"),
    ("p99_ms", "p99 ms", ".2f"), ("ratio", "ratio", ".2f"), ("target", "target", "g"),
]


@contextlib.contextmanager
def mosquitto():
    """A broker of its own on the core of the load; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as directory:
        # A burst must not be dropped because it waits for the gateway's confirmations.
        configuration = pathlib.Path(directory) / "mosquitto.conf"
        configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n"
                                 "max_inflight_messages 1000\nset_tcp_nodelay true\nlog_type error\n", encoding="ascii")
        broker = process = processes.start([program("mosquitto"), "-c", str(configuration)], processes.LOAD_CORE,
                                           stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    raise processes.BenchError("mosquitto did not start")
                time.sleep(0.02)
            yield port
        finally:
            processes.stop(broker)


def program(name):
    """Debian has brokers where only the administrator looks."""
    path = pathlib.Path("/usr/sbin") / name
    return str(path) if path.exists() else processes.tool(name)


def subscribing(port, script, token="bench-token"):
    return ["--url", f"ws://127.0.0.1:{port}/ws", "--send", f'{{"type":"auth","token":"{token}"}}', "--expect", '"success":true',
            *(["--send", script, "--expect", "subscription_confirmed"] if script else []), "--groups", GROUPS,
            "--devices", DEVICES]


@contextlib.contextmanager
def gateway(script, **options):
    """dragoman behind a broker of its own; options as of processes.serve()."""
    with mosquitto() as broker:
        bus = f'plugin: mqtt, settings: {{url: "mqtt://127.0.0.1:{broker}", topics: ["valtronics/#"]}}'
        with processes.serve(CONFIGURATION.format(bus=bus, authenticator=STATIC), **options) as (pid, ports):
            yield processes.Server(pid, [*map(str, subscribing(ports["listeners"]["bench"], script)),
                                         "--publish", f"mqtt://127.0.0.1:{broker}"])


@contextlib.contextmanager
def floor(mode):
    with processes.floor(mode) as server:
        url, publish = server.arguments[1], server.arguments[3]
        yield processes.Server(server.pid, ["--url", f"{url}/{{g}}", "--publish", f"{publish}/group", "--groups", str(GROUPS),
                                            "--devices", str(DEVICES)])


def measure(report, name, dashboards, burst, script, mode, rounds, deliveries):
    events = max(deliveries * GROUPS // dashboards // burst, 5) * burst
    arguments = ["--connections", dashboards, "--events", events, "--burst", burst, "--warm-up", max(burst, GROUPS)]
    results = {"floor": [], "dragoman": []}
    for number in range(rounds):
        progress(f"{name}, {dashboards} dashboards, round {number + 1} of {rounds}")
        with floor(mode) as server:
            results["floor"].append(processes.load(server, *arguments))
        with gateway(script) as server:
            results["dragoman"].append(processes.load(server, *arguments))
    ratios = [row["cpu_s_per_million"] / base["cpu_s_per_million"]
              for row, base in zip(results["dragoman"], results["floor"]) if base["cpu_s_per_million"] > 0]
    for server, rows in results.items():
        medians = fanout.medians(rows)
        report.add({"server": f"floor ({mode})" if server == "floor" else server,
                    "scenario": f"{name}, {dashboards} dashboards", **medians,
                    "per_second": round(medians["deliveries"] / medians["seconds"]),
                    "ratio": round(statistics.median(ratios), 3) if server == "dragoman" and ratios else None,
                    # With few dashboards what a report costs once is most of it, as is select() if they watch everything.
                    "target": TARGET if server == "dragoman" and script == BY_DEVICE and dashboards >= 10_000 else None})


def measure_idle(report, dashboards):
    for name, script in [("by device", BY_DEVICE), ("by metric", BY_METRIC), ("no subscription", None)]:
        progress(f"idle, {name}, {dashboards} dashboards")
        with gateway(script) as server:
            result = processes.load(server, "--connections", dashboards, "--idle", 2)
        report.add({"server": "dragoman", "scenario": f"idle, {name}, {dashboards} dashboards",
                    "bytes_per_connection": result["bytes_per_connection"]})


def instructions(dashboards, events):
    with tempfile.TemporaryDirectory(prefix="dragoman-counts-") as directory:
        options, result = counts.instructions(directory)
        with gateway(BY_METRIC, patience=120, **options) as server:
            processes.load(server, "--connections", dashboards, "--events", events, "--warm-up", GROUPS, "--patience", 120)
        return result()


def measure_select(report, small, large):
    """All dashboards watch all devices, each group another metric: each event is judged for all of them and delivered to a
    hundredth. What is left between two sizes and two numbers of events is the subscriptions' alone."""
    few, many = GROUPS, 3 * GROUPS
    progress(f"instructions of select(), {small} and {large} dashboards")
    per_event = [(instructions(size, many) - instructions(size, few)) / (many - few) for size in (small, large)]
    report.add({"server": "dragoman", "scenario": f"select, {small} to {large} subscriptions: instructions",
                "per_subscription": round((per_event[1] - per_event[0]) / (large - small), 2)})


# ---- tokens

def others(port, goes_on):
    """Pings of another client, one at a time every few milliseconds."""
    client = websocket.Client(port, "/ws")
    times = []
    while goes_on() or not times:
        began = time.monotonic()
        client.ping()
        times.append(time.monotonic() - began)
        time.sleep(0.002)
    return percentiles(times)


def storm(port, pid, clients, arguments, answer):
    answer.put(processes.load(processes.Server(pid, [*map(str, subscribing(port, None, "{token}")), *arguments]),
                              "--connections", clients, "--idle", 0))


def measure_storm(report, algorithm, clients):
    """Everybody connects at once with a token of his own, while another client pings."""
    progress(f"tokens, {algorithm}, {clients} clients")
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as directory:
        tokens, authenticator = pathlib.Path(directory) / "tokens", STATIC
        if algorithm == "static":
            tokens.write_text("bench-token\n" * clients, encoding="ascii")
        else:
            subprocess.run([processes.tool("node"), str(processes.TREE / "tests/bench/tokens.js"), algorithm, str(clients),
                            directory], check=True)
            authenticator = f'type: jwt, keys: [{{jwks: "{directory}/keys.json"}}]'
        with processes.serve(CONFIGURATION.format(bus="plugin: embedded", authenticator=authenticator)) as (pid, ports):
            port, answer = ports["listeners"]["bench"], multiprocessing.Queue()
            crowd = multiprocessing.Process(target=storm, args=(port, pid, clients, ["--tokens", str(tokens)], answer))
            crowd.start()
            times = others(port, crowd.is_alive)
            if crowd.exitcode != 0:
                raise processes.BenchError("the crowd was not let in")
            result = answer.get()
    report.add({"server": "dragoman", "scenario": f"{clients} tokens at once, {algorithm}",
                "cpu_s_per_million": result["connect_cpu_s"] / clients * 1e6,
                "per_second": round(clients / result["connect_s"]), **times})


def run(arguments):
    quick = arguments.quick
    dashboards = 1000 if quick else 10_000
    rounds, deliveries = (1, 200_000) if quick else (3, 2_000_000)
    processes.need_files(dashboards + 200)
    report = Report(COLUMNS, arguments.json)
    try:
        measure(report, "one report at a time", dashboards, 1, BY_DEVICE, "send", rounds, deliveries)
        measure(report, "all devices at once", dashboards, DEVICES, BY_DEVICE, "coalesce", rounds, 3 * deliveries)
        measure(report, "one at a time, all devices watched", dashboards, 1, BY_METRIC, "send", rounds, deliveries // 4)
        measure_idle(report, dashboards)
        measure_select(report, 500, 1000 if quick else 3000)
        for algorithm in ("static", "HS256", "ES256", "RS256"):
            measure_storm(report, algorithm, dashboards)
    finally:
        report.finish()
