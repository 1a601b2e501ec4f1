# SPDX-License-Identifier: Apache-2.0
"""What repeats where times do not: user-space instructions, system calls and allocations per delivery.

Each figure is the difference between two runs of the gateway that differ in the number of events only, so that
starting, connecting and ending cancel out. What an event costs once (the publish door, select, encode) is in it, shared
by the subscribers.
"""

import pathlib
import re
import tempfile

import processes
from report import Report, progress

KINDS = [("single", 1), ("burst 32", 32)]
TARGETS = {
    "instructions": {"single": 250, "burst 32": 120},
    "system calls": {"single": 1, "burst 32": 0.04},
    "allocations": {"single": 0.02, "burst 32": 0.02},
}

COLUMNS = [
    ("scenario", "scenario", "s"), ("server", "server", "s"), ("figure", "figure", "s"),
    ("per_delivery", "per delivery", ".4f"), ("ratio", "of target", ".2f"), ("target", "target", "g"),
]


def last_match(pattern, text, what):
    found = re.findall(pattern, text, re.MULTILINE)
    if not found:
        raise processes.BenchError(f"{what} left no figures behind")
    return int(found[-1])


def instructions(directory):
    file = pathlib.Path(directory) / "callgrind"
    command = [processes.tool("valgrind"), "--tool=callgrind", "--quiet", f"--callgrind-out-file={file}"]
    return {"under": command}, lambda: last_match(r"^(?:summary|totals): (\d+)", file.read_text(), "callgrind")


def system_calls(directory):
    file = pathlib.Path(directory) / "strace"
    command = [processes.tool("strace"), "-f", "-c", "-o", str(file)]
    # The columns are: share of time, seconds, microseconds per call, calls, errors if any, name.
    return {"under": command}, lambda: last_match(r"^100\.00\s+[\d.]+\s+\d+\s+(\d+)\s.*\btotal$", file.read_text(),
                                                  "strace")


def allocations(directory):
    file = pathlib.Path(directory) / "allocations"
    environment = {"LD_PRELOAD": processes.program("bench_allocations.so"), "DRAGOMAN_ALLOCATIONS_FILE": str(file)}
    return {"environment": environment}, lambda: last_match(r"^(\d+)$", file.read_text(), "bench_allocations.so")


FIGURES = {"instructions": instructions, "system calls": system_calls, "allocations": allocations}


def total(figure, connections, burst, events, sockjs=None):
    with tempfile.TemporaryDirectory(prefix="dragoman-counts-") as directory:
        options, result = FIGURES[figure](directory)
        with processes.gateway(sockjs=sockjs, patience=120, **options) as server:
            processes.load(server, "--connections", connections, "--events", events, "--burst", burst, "--warm-up",
                           burst * 2, "--patience", 120)
        return result()


def per_delivery(figure, connections, burst, few, many, sockjs=None):
    difference = total(figure, connections, burst, many, sockjs) - total(figure, connections, burst, few, sockjs)
    return difference / ((many - few) * connections)


def run(arguments):
    # What an event costs once shows in the difference between the two sizes.
    sizes = [200] if arguments.quick else [1000, 10000]
    processes.need_files(sizes[-1] + 100)
    report = Report(COLUMNS, arguments.json)
    try:
        for connections in sizes:
            for kind, burst in KINDS:
                few, many = burst * 10, burst * (110 if burst == 1 else 40)
                for figure in FIGURES:
                    progress(f"{figure}, {kind}, {connections} subscribers")
                    value = per_delivery(figure, connections, burst, few, many)
                    target = TARGETS[figure][kind]
                    report.add({
                        "server": "dragoman", "scenario": f"{kind}, {connections} subscribers", "figure": figure,
                        "per_delivery": round(value, 5), "ratio": round(value / target, 3),
                        "target": target,
                    })
    finally:
        report.finish()
