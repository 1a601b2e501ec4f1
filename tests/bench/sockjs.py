# SPDX-License-Identifier: Apache-2.0
"""SockJS: a delivery beside sockjs-node's and beside one over plain WebSocket, and memory of an idle session."""

import statistics

import counts
import fanout
import processes
from report import Report, progress

# For processor time, instructions and bytes alike: to encode for each session instead of each event would cost several
# times as much.
PLAIN_TARGET = 1.2
STREAMS = 500

COLUMNS = [
    ("scenario", "scenario", "s"), ("server", "server", "s"), ("cpu_s_per_million", "CPU s/million", ".3f"),
    ("p50_us", "p50 us", "d"), ("p99_us", "p99 us", "d"), ("bytes_per_connection", "bytes/session", ".0f"),
    ("instructions", "instructions", ".1f"), ("ratio", "ratio", ".3f"), ("beside", "beside", "s"),
    ("target", "target", "g"),
]

DRAGOMAN = "dragoman"
PLAIN = "dragoman, WebSocket"
NODE = "sockjs-node"


def servers(transport):
    """Name -> what starts it, in the order in which they are measured."""
    plain = {PLAIN: processes.gateway} if transport == "websocket" else {}
    return {NODE: lambda: processes.sockjs_node(transport), **plain,
            DRAGOMAN: lambda: processes.gateway(sockjs=transport)}


def measure(report, transport, subscribers, rounds, quick):
    events = max((200_000 if quick else 1_000_000) // subscribers, 10)
    arguments = ["--connections", subscribers, "--events", events, "--warm-up", 20]
    scenario = f"{transport}, {subscribers} subscribers"
    results = {name: [] for name in servers(transport)}
    for number in range(rounds):
        progress(f"{scenario}, round {number + 1} of {rounds}")
        for name, start in servers(transport).items():
            with start() as server:
                results[name].append(processes.load(server, *arguments))
    for name, rows in results.items():
        report.add({"server": name, "scenario": scenario, **fanout.medians(rows)})
    for beside in [name for name in results if name != DRAGOMAN]:
        ratio = statistics.median(row["cpu_s_per_million"] / base["cpu_s_per_million"]
                                  for row, base in zip(results[DRAGOMAN], results[beside]))
        report.add({"server": DRAGOMAN, "scenario": f"{scenario}: CPU", "ratio": round(ratio, 3), "beside": beside,
                    "target": PLAIN_TARGET if beside == PLAIN else 1})


def beside_plain(values):
    return {"ratio": round(values[DRAGOMAN] / values[PLAIN], 3), "beside": PLAIN, "target": PLAIN_TARGET}


def measure_idle(report, connections):
    values = {}
    for name, start in servers("websocket").items():
        progress(f"idle, {connections} sessions, {name}")
        with start() as server:
            result = processes.load(server, "--connections", connections, "--idle", 2)
        values[name] = result["bytes_per_connection"]
        report.add({"server": name, "scenario": f"idle, {connections} sessions", "bytes_per_connection": values[name],
                    **(beside_plain(values) if name == DRAGOMAN else {})})


def measure_instructions(report, subscribers):
    """Whether a frame is encoded once: instructions tell what the noise of times hides."""
    values = {}
    for name, sockjs in ((PLAIN, None), (DRAGOMAN, "websocket")):
        progress(f"instructions, {subscribers} subscribers, {name}")
        values[name] = counts.per_delivery("instructions", subscribers, 1, 10, 110, sockjs)
    for name, value in values.items():
        report.add({"server": name, "scenario": f"websocket, {subscribers} subscribers: instructions per delivery",
                    "instructions": round(value, 2), **(beside_plain(values) if name == DRAGOMAN else {})})


def run(arguments):
    size = 1000 if arguments.quick else 10000
    rounds = 1 if arguments.quick else 3
    processes.need_files(size + 100)
    for name in ("dragoman", "bench_load"):
        processes.program(name)
    report = Report(COLUMNS, arguments.json)
    try:
        measure(report, "websocket", size, rounds, arguments.quick)
        measure(report, "xhr_streaming", STREAMS, rounds, arguments.quick)
        measure_idle(report, size)
        for subscribers in [200] if arguments.quick else [200, 1000]:
            measure_instructions(report, subscribers)
    finally:
        report.finish()
