# SPDX-License-Identifier: Apache-2.0
"""Starts what a benchmark needs, each on its own core where there are two, and stops all of it again."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("DRAGOMAN_BUILD", TREE / "build" / "release")).resolve() / "bin"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
LOAD_CORE = CORES[1] if len(CORES) > 1 else CORES[0]

CONFIGURATION = """\
threads: 1
log: {{level: warn}}
listeners:
  bench: {{address: "127.0.0.1:0"{tls}}}
buses:
  main: {{plugin: embedded}}
authenticators:
  bench: {{type: static, tokens: [{{token: bench-token, grants: [websocketd, "#"]}}]}}
mounts:
  bench:
    plugin: wazo
    listen: [{{listener: bench, path: "/"}}]
    bus: main
    authenticator: bench
    compression: {compression}
{transport}    # As in life there is a timer for each session, but no ping comes while something is measured.
    limits: {{ping_interval: 1h}}
    settings: {{tls: "off"}}
admin: {{address: "127.0.0.1:0", token: bench}}
"""

# A stream that ends would have to be opened again by the load.
SOCKJS = """\
    transport: sockjs
    sockjs: {response_bytes: 1GiB}
"""

SCRIPT = [
    "--expect", "init",
    "--send", '{"op":"subscribe","data":{"event_name":"*"}}', "--expect", "subscribe",
    "--send", '{"op":"start"}', "--expect", "start",
]


class BenchError(Exception):
    """Something went wrong; the sentence is for the person who runs the benchmark."""


def program(name):
    path = BIN / name
    if not path.exists():
        raise BenchError(f"{path} is missing; ./dev build makes it, DRAGOMAN_BUILD names another build directory")
    return str(path)


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise BenchError(f"{name} is not installed")
    return path


def need_files(count):
    """Raises the limit of open files, which the children inherit, and says so when the system does not allow enough."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < count:
        raise BenchError(f"needs {count} open files, the hard limit is {hard} (ulimit -Hn)")


def start(command, core, **options):
    pin = [tool("taskset"), "-c", str(core)] if core is not None and len(CORES) > 1 else []
    return subprocess.Popen(pin + command, **options)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def stop(process, pid=None, patience=60):
    """Ends the process with SIGTERM (sent to pid when it is another one's child that listens to it)."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid or process.pid, signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.kill()
            process.wait()
            raise BenchError(f"{process.args[0]} did not end within {patience} seconds") from None


class Server:
    """A running server: its pid, and what bench_load has to be told about it."""

    def __init__(self, pid, arguments):
        self.pid = pid
        self.arguments = arguments


@contextlib.contextmanager
def floor(mode):
    process = start([program("bench_floor"), "0", mode], SERVER_CORE, stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise BenchError("bench_floor did not start")
        yield Server(process.pid, ["--url", f"ws://127.0.0.1:{port}/sub", "--publish", f"ws://127.0.0.1:{port}/pub"])
    finally:
        stop(process)
        process.stdout.close()


@contextlib.contextmanager
def serve(configuration, under=(), environment=None, patience=30):
    """dragoman with this configuration and a state directory of its own; `under` is a command that runs it, such as
    valgrind. Gives its pid and its ports."""
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as directory:
        place = pathlib.Path(directory)
        state = place / "state"
        state.mkdir(mode=0o700)
        (place / "bench.yaml").write_text(configuration, encoding="utf-8")
        ports_file = place / "ports.json"
        command = [*under, program("dragoman"), "serve", "--config", str(place / "bench.yaml"), "--state", str(state),
                   "--ports-file", str(ports_file)]
        pid = None
        with open(place / "log", "w+", encoding="utf-8", errors="replace") as log:
            process = start(command, SERVER_CORE, stdout=log, stderr=log,
                            env={**os.environ, **(environment or {})})
            try:
                deadline = time.monotonic() + patience
                while not ports_file.exists():
                    if process.poll() is not None or time.monotonic() > deadline:
                        log.seek(0)
                        raise BenchError("dragoman did not start:\n" + log.read()[-2000:])
                    time.sleep(0.02)
                # strace stands between: the signal that ends the gateway must not end its tracer.
                pid = children(process.pid)[0] if under and "strace" in under[0] else process.pid
                yield pid, json.loads(ports_file.read_text(encoding="utf-8"))
            except BenchError as error:
                log.seek(0)
                tail = log.read()[-2000:]
                raise BenchError(f"{error}\n{tail}" if tail not in str(error) else str(error)) from None
            finally:
                stop(process, pid)


@contextlib.contextmanager
def sockjs_node(sockjs):
    """sockjs-node, which sends everybody everything; sockjs as of gateway()."""
    process = start([tool("node"), str(TREE / "tests" / "bench" / "sockjs_node.js")], SERVER_CORE,
                    stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise BenchError("sockjs-node did not start; ./dev bench installs it")
        yield Server(process.pid, [*sockjs_url(sockjs, port, "/bench"), "--publish", f"http://127.0.0.1:{port}/publish"])
    finally:
        stop(process)
        process.stdout.close()


def sockjs_url(transport, port, prefix="", query=""):
    scheme = "ws" if transport == "websocket" else "http"
    return ["--sockjs", "--url", f"{scheme}://127.0.0.1:{port}{prefix}/000/s{{n}}/{transport}{query}", "--expect", "o"]


@contextlib.contextmanager
def gateway(tls=False, compression=False, sockjs=None, **options):
    """dragoman with one thread and the dialect wazo, over WebSocket or the transport of SockJS that has this name in its
    URLs; options as of serve()."""
    configuration = CONFIGURATION.format(tls=", tls: {self_signed: true}" if tls else "",
                                         compression="true" if compression else "false",
                                         transport=SOCKJS if sockjs else "")
    with serve(configuration, **options) as (pid, ports):
        port, query = ports["listeners"]["bench"], "?token=bench-token"
        url = sockjs_url(sockjs, port, query=query) if sockjs else [
            "--url", f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/{query}"]
        yield Server(pid, [
            *url, *SCRIPT, "--publish", f"http://127.0.0.1:{ports['admin']}/publish", "--bearer", "bench"])


def load(server, *arguments):
    """Runs bench_load against a server and returns its figures."""
    command = [program("bench_load"), *server.arguments, "--pid", str(server.pid), *map(str, arguments)]
    process = start(command, LOAD_CORE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, err = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode == 3:
        raise BenchError(f"events were lost, repeated or out of order: {out.strip()} {err.strip()}")
    if process.returncode != 0:
        raise BenchError(f"bench_load failed: {err.strip()}")
    return json.loads(out)
