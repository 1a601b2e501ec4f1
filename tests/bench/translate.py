# SPDX-License-Identifier: Apache-2.0
"""What translations cost: instructions of the gateway per published event, and processor time.

CloudEvents in batches of 500 over the publish door, for a dialect without clients. Instructions are the difference
between two runs that differ in the number of events only.
"""

import http.client
import json
import os
import tempfile

import counts
import processes
from report import Report, progress

BATCH = 500

CONFIGURATION = """\
threads: 1
log: {{level: warn}}
listeners: {{bench: {{address: "127.0.0.1:0"}}}}
buses: {{main: {{plugin: embedded}}}}
mounts:
  bench: {{plugin: kazoo, bus: main, listen: [{{listener: bench, path: "/"}}]}}
translations: {translations}
admin: {{address: "127.0.0.1:0", token: bench}}
"""


def made(number):
    return {"channel": "callevt", "key": f"made.{number}.${{/device}}",
            "body": {"device": "${/device}", "text": "alarm of ${/device}", "value": "${/value}", "at": "${time}"}}


def rule(key, events, body=None):
    return {"match": {"channel": "callevt", "key": key, **({"body": body} if body else {})},
            "events": [made(i) for i in range(events)]}


def others(number):
    return {f"other-{i}": rule(f"other.{i}", 1) for i in range(number)}


# The event's key is bench.alarm.
SCENARIOS = [
    ("no translations", {}),
    ("1 for another key", others(1)),
    ("1000 for other keys", others(1000)),
    ("1, condition not met", {"r": rule("bench.alarm", 1, {"/device": "none"})}),
    ("1, makes 1 event", {"r": rule("bench.alarm", 1)}),
    ("1, makes 5 events", {"r": rule("bench.alarm", 5)}),
    ("1000, one makes 1 event", {**others(999), "r": rule("bench.*", 1)}),
]

COLUMNS = [
    ("scenario", "scenario", "s"), ("server", "server", "s"), ("instructions", "instructions/event", ".0f"),
    ("more", "more than without", ".0f"), ("ns", "CPU ns/event", ".0f"), ("ratio", "of without", ".2f"),
]


def publish(port, events):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": "Bearer bench", "Content-Type": "application/cloudevents-batch+json"}
    for first in range(0, events, BATCH):
        batch = [{"specversion": "1.0", "id": str(i), "source": "/bench", "type": "bench.alarm", "channel": "callevt",
                  "data": {"device": f"device-{i % 100}", "value": i * 0.5, "severity": "critical",
                           "text": "a text of a usual length, as people are told"}}
                 for i in range(first, min(first + BATCH, events))]
        connection.request("POST", "/publish", json.dumps(batch), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise processes.BenchError(f"the publish door answered {answer.status}")
    connection.close()


def instructions(configuration, events):
    with tempfile.TemporaryDirectory(prefix="dragoman-translate-") as directory:
        options, result = counts.instructions(directory)
        with processes.serve(configuration, patience=120, **options) as (_, ports):
            publish(ports["admin"], events)
        return result()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def nanoseconds(configuration, events):
    with processes.serve(configuration) as (pid, ports):
        publish(ports["admin"], BATCH)
        before = cpu_seconds(pid)
        publish(ports["admin"], events)
        return (cpu_seconds(pid) - before) / events * 1e9


def run(arguments):
    few, many = BATCH, BATCH * (3 if arguments.quick else 11)
    report = Report(COLUMNS, arguments.json)
    plain = None
    try:
        for name, translations in SCENARIOS:
            progress(name)
            configuration = CONFIGURATION.format(translations=json.dumps(translations))
            count = (instructions(configuration, many) - instructions(configuration, few)) / (many - few)
            plain = plain or count
            times = sorted(nanoseconds(configuration, 20_000 if arguments.quick else 200_000)
                           for _ in range(1 if arguments.quick else 3))
            report.add({"server": "dragoman", "scenario": name, "instructions": round(count),
                        "more": round(count - plain), "ns": round(times[len(times) // 2]),
                        "ratio": round(count / plain, 3)})
    finally:
        report.finish()
