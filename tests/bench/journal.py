# SPDX-License-Identifier: Apache-2.0
"""Durable appends beside raw SQLite, reading from a large journal, and what a fetch of everything does to others."""

import asyncio
import http.client
import json
import multiprocessing
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time

import processes
import websocket
from report import Report, progress

CONFIGURATION = """\
threads: 1
log: {level: warn}
listeners: {bench: {address: "127.0.0.1:0"}}
buses: {main: {plugin: embedded}}
journals: {main: {plugin: sqlite}}
mounts:
  bench:
    plugin: honeytrap
    listen: [{listener: bench, path: "/"}]
    bus: main
    journal: main
    # The reader of everything may be slow on a busy machine, and answers no pings meanwhile.
    limits: {ping_interval: 1h, write_stall: 5m, control_per_second: 10000}
    settings: {}
admin: {address: "127.0.0.1:0", token: bench}
"""

BATCH = 500  # events in a request of `dragoman publish --file`
CHUNK = 100_000
PAGE_TARGET_MS = 10

COLUMNS = [
    ("scenario", "scenario", "s"), ("server", "server", "s"), ("per_second", "events/s", ".0f"), ("p50_ms", "p50 ms", ".2f"),
    ("p99_ms", "p99 ms", ".2f"), ("rss_mib", "RSS MiB", ".0f"), ("ratio", "ratio", ".2f"), ("target", "target", "g"),
]


def body(number):
    return json.dumps({
        "type": 3 if number % 10 else 9, "sensor": "ping", "date": "2017-04-05T10:11:12.123Z", "started": "2017-04-05T10:11:12Z",
        "ended": "2017-04-05T10:11:13Z", "token": "bench", "category": "Server", "hostAddr": f"192.0.2.{number % 256}:40000",
        "localAddr": "198.51.100.1:22", "data": f"event {number} " + "x" * 80, "details": None})


def cloud_event(number):
    return (f'{{"specversion":"1.0","id":"n{number}","source":"/bench","type":"e","channel":"honeytrap",'
            f'"data":{body(number)}}}\n')


def percentiles(seconds):
    ordered = sorted(seconds)
    return {"p50_ms": round(ordered[len(ordered) // 2] * 1000, 3),
            "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 3)}


# ---- appends

def sqlite_appends(directory, events, batch):
    """The least that keeps an event under its id: one table, a transaction per batch, the journal's own durability."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        database = sqlite3.connect(pathlib.Path(place) / "floor.sqlite", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE records(position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL)")
        rows = [(f"n{i}", body(i).encode()) for i in range(events)]
        began = time.monotonic()
        for at in range(0, events, batch):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO records(id, body) VALUES(?, ?)", rows[at:at + batch])
            database.execute("COMMIT")
        seconds = time.monotonic() - began
        database.close()
        return events / seconds


async def publisher(port, requests, times):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise processes.BenchError(f"an event was refused: {head.decode()}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        times.append(time.monotonic() - began)
    writer.close()


def request_of(name, number):
    text = f'{{"channel":"honeytrap","id":"{name}{number}","body":{body(number)}}}'.encode()
    return (b"POST /publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer bench\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(text)) + text


def gateway_appends(port, name, events, publishers):
    requests = [[request_of(name, i) for i in range(p, events, publishers)] for p in range(publishers)]
    times = []

    async def all_of_them():
        await asyncio.gather(*(publisher(port, own, times) for own in requests))

    began = time.monotonic()
    asyncio.run(all_of_them())
    return {"per_second": events / (time.monotonic() - began), **percentiles(times)}


def fill(port, first, events):
    """Publishes with the program's own client; the time does not include making the file."""
    seconds = 0
    for at in range(first, first + events, CHUNK):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(cloud_event(i) for i in range(at, min(at + CHUNK, first + events)))
            file.flush()
            began = time.monotonic()
            process = processes.start(
                [processes.program("dragoman"), "publish", "--url", f"http://127.0.0.1:{port}", "--token", "bench", "--file",
                 file.name], processes.LOAD_CORE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said, _ = process.communicate()
            if process.returncode != 0:
                raise processes.BenchError(f"dragoman publish failed: {said}")
            seconds += time.monotonic() - began
        progress(f"{min(at + CHUNK, first + events)} events stored")
    return {"per_second": events / seconds}


def measure_appends(report, scenario, batch, floor_events, rounds, measure):
    """Beside the floor, taking turns with it; medians. measure(round) gives the gateway's figures."""
    floors, results = [], []
    for number in range(rounds):
        progress(f"{scenario}, round {number + 1} of {rounds}")
        floors.append(sqlite_appends(tempfile.gettempdir(), floor_events, batch))
        results.append(measure(number))
    figures = {key: statistics.median(result[key] for result in results) for key in results[0]}
    floor = statistics.median(floors)
    report.add({"scenario": scenario, "server": "floor (SQLite)", "per_second": round(floor)})
    report.add({"scenario": scenario, "server": "dragoman", **figures, "per_second": round(figures["per_second"]),
                "ratio": round(statistics.median(r["per_second"] / f for r, f in zip(results, floors)), 3)})


# ---- reads

def pages(port, size, page, rounds, **filters):
    """Times of GET /events for one page."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    query = json.dumps({"response_per_page": size, "page": page, **filters})
    times = []
    for _ in range(rounds + 1):
        began = time.monotonic()
        connection.request("GET", "/events", body=query)
        answer = connection.getresponse().read()
        times.append(time.monotonic() - began)
    if len(json.loads(answer)["events"]) != size:
        raise processes.BenchError(f"page {page} of {size} has another number of events")
    connection.close()
    return percentiles(times[1:])


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise processes.BenchError("the gateway is gone")


def fetch_everything(port, answer):
    client = websocket.Client(port, "/ws")
    began = time.monotonic()
    client.send(b'{"type": 3}')
    size = client.skip_message()
    answer.put((size, time.monotonic() - began))


def others(port, pid, goes_on):
    """Pings of another client, one at a time every few milliseconds, and the gateway's largest memory meanwhile."""
    client = websocket.Client(port, "/ws")
    times, largest = [], 0
    while goes_on():
        began = time.monotonic()
        client.ping()
        times.append(time.monotonic() - began)
        largest = max(largest, resident_mib(pid))
        time.sleep(0.002)
    return {**percentiles(times), "rss_mib": round(largest, 1)}


def measure_everything(report, port, pid, events):
    end = time.monotonic() + 2
    report.add({"scenario": "pings of another client, idle", "server": "dragoman",
                **others(port, pid, lambda: time.monotonic() < end)})
    answer = multiprocessing.Queue()
    reader = multiprocessing.Process(target=fetch_everything, args=(port, answer))
    reader.start()
    figures = others(port, pid, reader.is_alive)
    if reader.exitcode != 0:
        raise processes.BenchError("the fetch of everything failed")
    size, seconds = answer.get()
    progress(f"everything was {size / 2**20:.0f} MiB in {seconds:.1f} s")
    report.add({"scenario": "pings of another client, during a fetch of everything", "server": "dragoman",
                "per_second": round(events / seconds), **figures})


def run(arguments):
    quick = arguments.quick
    stored = arguments.events or (50_000 if quick else 1_000_000)
    if stored < 10_000:
        raise processes.BenchError("--events must be 10000 at least")
    singles, grouped = (300, 3_000) if quick else (3_000, 30_000)
    times, rounds = (1, 50) if quick else (3, 300)
    report = Report(COLUMNS, arguments.json)
    if len(processes.CORES) > 1:
        os.sched_setaffinity(0, {processes.LOAD_CORE})
    try:
        with processes.serve(CONFIGURATION) as (pid, ports):
            door, port = ports["admin"], ports["listeners"]["bench"]

            for name, scenario, events, publishers in [("s", "appends, one at a time", singles, 1),
                                                       ("g", "appends, 64 publishers", grouped, 64)]:
                measure_appends(report, scenario, 1, singles, times,
                                lambda n: gateway_appends(door, f"{name}{n}-", events, publishers))
            part = stored // times
            measure_appends(report, f"appends, batches of {BATCH}", BATCH, min(part, 100_000), times,
                            lambda n: fill(door, n * part, part))

            total = times * (singles + grouped + part)
            progress("reads")
            for name, size, page, filters in [
                    ("first page of 100", 100, 1, {}), ("page of 100 in the middle", 100, total // 200, {}),
                    ("newest 100", 100, total // 100, {}), ("100 of a tenth, in its middle", 100, total // 2000, {"types": [9]}),
            ]:
                figures = pages(port, size, page, rounds, **filters)
                report.add({"scenario": f"{name}, {total} stored", "server": "dragoman", **figures,
                            "ratio": round(figures["p99_ms"] / PAGE_TARGET_MS, 3), "target": PAGE_TARGET_MS})
            figures = pages(port, 10_000, 1, max(rounds // 10, 5))
            report.add({"scenario": f"10000 events, {total} stored", "server": "dragoman",
                        "per_second": round(10_000_000 / figures["p50_ms"]), **figures})
            measure_everything(report, port, pid, total)
    finally:
        report.finish()
