"""HTTP requests per second: an image in the sandbox over a tap beside native nginx over a veth.

Both give the same 100-byte body to the same client (wrk, 64 connections) in the same namespace, in turn. The server
has one CPU and one process, the client has the other CPU. nginx is compared where it is fastest, with a body out of its
configuration; from a file, as it is mostly used, it opens the file for each request. What a request costs is told three ways: CPU time of
the server's process, busy time of its whole CPU (so that no work hides in the kernel's interrupts), system calls.
"""

import contextlib
import dataclasses
import pathlib
import re
import subprocess
import tempfile

import measure
import network
import peers
import tender
from figure import at_least, at_most, figure, not_measured

SERVER_CPU, CLIENT_CPU = 0, 1
CONNECTIONS = 64
NAME = "sandbox over tap / native nginx over veth: requests per second"
BODY = "a hundred bytes, no more and no less, which is what a small answer has, headers apart; it ends here."
NGINX = """
user root; daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log /dev/null crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 80; default_type "text/plain; charset=utf-8"; root {folder};
    location = / {{ return 200 "{body}"; }}
    location = /file {{ sendfile on; }}
  }}
}}
"""


@dataclasses.dataclass
class load:
    requests: int
    rate: float  # requests per second
    cpu: float  # microseconds of the server's process per request
    busy: float  # microseconds of the server's whole CPU per request


def measure_all(house):
    wrk, nginx = peers.find("wrk"), peers.find("nginx")
    if not wrk:
        yield not_measured("http_rate", NAME, "×", at_least(1.5), "wrk is not installed")
        return
    seconds, rounds = (1, 2) if house.quick else (3, 5)
    with contextlib.ExitStack() as all_of_it:
        servers = {}
        measure.pin(SERVER_CPU)
        for index, (name, image) in enumerate({"fixed answer": "bench_fixed_answer", "02-server": "02-server"}.items()):
            cable = all_of_it.enter_context(network.tap("service", 1 + index))
            pid = all_of_it.enter_context(tender.running(house.build, house.image(image), cable))
            servers[name] = pid, f"http://{cable.image}/"
            network.wait_for_port(cable.image, 80)
        if nginx:
            pid, address = all_of_it.enter_context(native(nginx))
            servers |= {"nginx": (pid, f"http://{address}/"), "nginx, a file": (pid, f"http://{address}/file")}
        measure.pin(CLIENT_CPU)
        seen = {name: [] for name in servers}
        for server in servers.values():
            put_load_on(wrk, *server, 1)
        for _ in range(rounds):
            for name, server in servers.items():
                seen[name].append(put_load_on(wrk, *server, seconds))
        calls = {name: calls_per_request(house, wrk, *server) for name, server in servers.items()}

    def beside(name, **more):
        of = lambda what: measure.median(getattr(one, what) for one in seen[name])
        return {"1/s": int(of("rate")), "CPU µs a request": of("cpu"), "whole CPU µs": of("busy"), "calls": told(*calls[name])} | more

    def told(number, by):
        return "not counted" if number is None else f"{number:.2f}" + ("" if by == "perf" else f" (by {by})")

    def rates(name):
        return [one.rate for one in seen[name]]

    how = f"wrk, {CONNECTIONS} connections, pairs of {seconds} s, same 100-byte body"
    if nginx:
        yield figure("http_rate", NAME, measure.ratio(rates("fixed answer"), rates("nginx")), "×", at_least(1.5), how, beside("fixed answer"))
        spent = {name: [one.cpu for one in seen[name]] for name in ("fixed answer", "nginx")}
        yield figure("http_rate", "… the server's CPU time a request", measure.ratio(spent["fixed answer"], spent["nginx"]), "×", at_most(0.7), how)
        yield calls_compared(calls["fixed answer"], calls["nginx"])
        for name, what in (("nginx", "native nginx, body from its configuration"), ("nginx, a file", "native nginx, body from a file")):
            yield figure("http_rate", f"{what}: requests per second", measure.median(rates(name)), "1/s", None, how, beside(name))
    else:
        yield not_measured("http_rate", NAME, "×", at_least(1.5), "nginx is not installed")
        yield figure("http_rate", "sandbox: requests per second", measure.median(rates("fixed answer")), "1/s", None, how, beside("fixed answer"))
    yield figure("http_rate", "02-server as it is: requests per second", measure.median(rates("02-server")), "1/s", None,
                 "a random number from the host for each", beside("02-server"))


@contextlib.contextmanager
def native(nginx):
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder) / "nginx.conf"
        pathlib.Path(folder, "file").write_text(BODY)
        configuration.write_text(NGINX.format(folder=folder, body=BODY))
        with network.behind_veth([nginx, "-p", folder, "-c", str(configuration)], SERVER_CPU) as server:
            yield server


def put_load_on(wrk, pid, url, seconds, connections=CONNECTIONS):
    before, busy = measure.usage(pid), measure.busy_time(SERVER_CPU)
    ran = subprocess.run([wrk, "-t1", "--timeout", "30s", f"-c{connections}", f"-d{seconds}s", url], capture_output=True, text=True, check=True)
    after, busy = measure.usage(pid), measure.busy_time(SERVER_CPU) - busy
    if found := re.search(r"(Socket errors|Non-2xx).*", ran.stdout):
        raise RuntimeError(f"{url}: {found[0]}")
    requests = int(re.search(r"(\d+) requests in", ran.stdout)[1])
    rate = float(re.search(r"Requests/sec: +([\d.]+)", ran.stdout)[1])
    return load(requests, rate, (after.cpu - before.cpu) / requests * 1e6, busy / requests * 1e6)


def calls_per_request(house, wrk, pid, url):
    """How many, and who counted them."""
    with house.counter.counting(pid) as calls:
        served = put_load_on(wrk, pid, url, 1).requests
    return None if calls.number is None else calls.number / served, calls.by


def calls_compared(ours, theirs):
    name = "… system calls a request"
    if ours[0] is None or theirs[0] is None:
        return not_measured("http_rate", name, "×", at_most(0.7), "neither perf nor strace may count")
    return figure("http_rate", name, ours[0] / theirs[0], "×", at_most(0.7), f"counted by {ours[1]}", {"ours": ours[0], "nginx's": theirs[0]})
