# SPDX-License-Identifier: Apache-2.0
"""Processor time of a delivery beside the floor's, and memory of an idle connection."""

import statistics

import processes
from report import Report, progress

SINGLE = {"name": "single", "burst": 1, "floor": "send", "target": 1.1}
BURST = {"name": "burst 32", "burst": 32, "floor": "coalesce", "target": 1.5}
IDLE_TARGET = 1024

COLUMNS = [
    ("scenario", "scenario", "s"), ("server", "server", "s"), ("cpu_s_per_million", "CPU s/million", ".3f"),
    ("p50_us", "p50 us", "d"), ("p99_us", "p99 us", "d"), ("bytes_per_connection", "bytes/connection", ".0f"),
    ("ratio", "ratio", ".2f"), ("target", "target", "g"),
]


def events_for(subscribers, burst, quick):
    """Enough for the clock, few enough for patience: bursts cost less each."""
    deliveries = (300_000 if quick else 2_000_000) * (3 if burst > 1 else 1)
    events = max(deliveries // subscribers, burst)
    return events - events % burst


def medians(results):
    return {key: round(statistics.median(result[key] for result in results), 4)
            for key in ("deliveries", "seconds", "cpu_s", "cpu_s_per_million")} | {
                key: int(statistics.median(result[key] for result in results)) for key in ("p50_us", "p99_us")}


def measure(report, subscribers, kind, rounds, quick):
    events = events_for(subscribers, kind["burst"], quick)
    arguments = ["--connections", subscribers, "--events", events, "--burst", kind["burst"], "--warm-up",
                 kind["burst"] * 10]
    results = {"floor": [], "plain": [], "TLS": []}
    for number in range(rounds):
        progress(f"{kind['name']}, {subscribers} subscribers, round {number + 1} of {rounds}")
        with processes.floor(kind["floor"]) as server:
            results["floor"].append(processes.load(server, *arguments))
        for tls in (False, True):
            with processes.gateway(tls=tls) as server:
                results["TLS" if tls else "plain"].append(processes.load(server, *arguments))
    for name, rows in results.items():
        ratios = [row["cpu_s_per_million"] / base["cpu_s_per_million"]
                  for row, base in zip(rows, results["floor"]) if base["cpu_s_per_million"] > 0]
        transport = "TLS" if name == "TLS" else "plain"
        report.add({
            "server": f"floor ({kind['floor']})" if name == "floor" else "dragoman",
            "scenario": f"{kind['name']}, {subscribers} subscribers, {transport}",
            **medians(rows),
            # There is no floor with TLS: its ratio is to the plain one and has no target.
            "ratio": round(statistics.median(ratios), 3) if ratios else None,
            "target": kind["target"] if name == "plain" else None,
        })


def measure_idle(report, connections, deflate):
    progress(f"idle, {connections} connections{', deflate' if deflate else ''}")
    with processes.gateway(compression=deflate) as server:
        result = processes.load(server, "--connections", connections, "--idle", 2, *(["--deflate"] if deflate else []))
    if result["deflate"] != deflate:
        raise processes.BenchError("permessage-deflate was not negotiated as it should have been")
    per_connection = result["bytes_per_connection"]
    report.add({
        "server": "dragoman",
        "scenario": f"idle, {connections} connections, {'deflate' if deflate else 'plain'}",
        "bytes_per_connection": per_connection,
        "ratio": round(per_connection / IDLE_TARGET, 3),
        "target": IDLE_TARGET,
    })


def run(arguments):
    sizes = [1000] if arguments.quick else [1000, 10000]
    processes.need_files(sizes[-1] + 100)
    for name in ("dragoman", "bench_load", "bench_floor"):
        processes.program(name)
    report = Report(COLUMNS, arguments.json)
    try:
        for subscribers in sizes:
            for kind in (SINGLE, BURST):
                measure(report, subscribers, kind, 1 if arguments.quick else 3, arguments.quick)
        for deflate in (False, True):
            measure_idle(report, sizes[-1], deflate)
    finally:
        report.finish()
