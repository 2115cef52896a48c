"""The edge beside nginx as a reverse proxy, in front of the same services.

Two images in sandboxes answer 100 bytes to every request. In front of them stands the edge, an image in a sandbox over a
tap, or native nginx over a veth, with one CPU for itself; wrk and the services have the other. Both proxies do the same
for a request: they choose the instance with the fewest under way, keep connections to it, add X-Forwarded-For, -Proto,
-Host and an id, and log nothing. What a request costs is told in CPU time of the proxy's process and of its whole CPU.
"""

import contextlib
import json
import pathlib
import tempfile
import urllib.parse

import http_rate
import measure
import network
import peers
import tender
from figure import at_least, at_most, figure, not_measured

NAME = "edge over tap / native nginx over veth, as reverse proxies: requests per second"
SERVICES = 2
NGINX = """
user root; daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log /dev/null crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream service {{ least_conn; {servers} keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 80;
    location / {{
      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Request-Id $request_id;
      add_header X-Request-Id $request_id;
    }}
  }}
}}
"""


def table(addresses):
    service = {"name": "fixed", "concurrency": 1000, "state": "well", "instances": [f"{a}:80" for a in addresses]}
    route = {"host": "", "path": "/", "service": "fixed", "strip": False}
    return json.dumps({"galaxy": {"routes": [route], "services": [service]}}, separators=(",", ":"))


def start_edge(house, cable, addresses):
    """Like tender.start, with a way to the services and the edge's environment."""
    words = [f"env={urllib.parse.quote(f'{name}={value}', safe='=')}"
             for name, value in {"ASTER_EDGE_TABLE": table(addresses), "ASTER_EDGE_LOG": "none"}.items()]
    boot = f"arg=edge {' '.join(words)} {cable.boot_token(tender.FIRST_DEVICE)},gateway={cable.here}"
    return measure.spawn([*tender.words(house.build, devices=1), str(house.image("aster-edge"))], {"ASTER_BOOT": boot},
                         [(cable.descriptor, tender.FIRST_DEVICE)])


@contextlib.contextmanager
def edge(house, addresses):
    with network.tap("service", 1) as cable:
        pid = start_edge(house, cable, addresses)
        try:
            network.wait_for_port(cable.image, 80)
            yield pid, f"http://{cable.image}/"
        finally:
            tender.stop(pid)


@contextlib.contextmanager
def nginx_proxy(nginx, addresses):
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder) / "nginx.conf"
        servers = " ".join(f"server {a}:80;" for a in addresses)
        configuration.write_text(NGINX.format(folder=folder, servers=servers))
        words = ["sh", "-c", 'ip route add default via 10.8.0.1; exec "$@"', "sh", nginx, "-p", folder, "-c", str(configuration)]
        with network.behind_veth(words, http_rate.SERVER_CPU) as (pid, address):
            yield pid, f"http://{address}/"


def measure_all(house):
    wrk, nginx = peers.find("wrk"), peers.find("nginx")
    if not wrk or not nginx:
        yield not_measured("edge", NAME, "×", at_least(0.8), f"{'nginx' if wrk else 'wrk'} is not installed")
        return
    seconds, rounds = (1, 2) if house.quick else (3, 5)
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")  # of this namespace: proxies reach services through it
    with contextlib.ExitStack() as all_of_it:
        measure.pin(http_rate.CLIENT_CPU)
        addresses = []
        for index in range(SERVICES):
            cable = all_of_it.enter_context(network.tap("service", 2 + index))
            pid = start_service(house, cable)
            all_of_it.callback(tender.stop, pid)
            network.wait_for_port(cable.image, 80)
            addresses.append(cable.image)
        measure.pin(http_rate.SERVER_CPU)
        proxies = {"edge": all_of_it.enter_context(edge(house, addresses)),
                   "nginx": all_of_it.enter_context(nginx_proxy(nginx, addresses))}
        measure.pin(http_rate.CLIENT_CPU)
        seen = {name: [] for name in proxies}
        for proxy in proxies.values():
            http_rate.put_load_on(wrk, *proxy, 1)
        for _ in range(rounds):
            for name, proxy in proxies.items():
                seen[name].append(http_rate.put_load_on(wrk, *proxy, seconds))

    def of(name, what):
        return [getattr(one, what) for one in seen[name]]

    def beside(name):
        return {"1/s": int(measure.median(of(name, "rate"))), "CPU µs a request": measure.median(of(name, "cpu")),
                "whole CPU µs": measure.median(of(name, "busy"))}

    how = f"wrk, {http_rate.CONNECTIONS} connections, pairs of {seconds} s, {SERVICES} services in sandboxes, no log"
    yield figure("edge", NAME, measure.ratio(of("edge", "rate"), of("nginx", "rate")), "×", at_least(0.8), how, beside("edge"))
    yield figure("edge", "… the proxy's CPU time a request", measure.ratio(of("edge", "cpu"), of("nginx", "cpu")), "×", at_most(1.25), how)
    yield figure("edge", "native nginx as a reverse proxy: requests per second", measure.median(of("nginx", "rate")), "1/s", None, how, beside("nginx"))


def start_service(house, cable):
    boot = f"arg=fixed {cable.boot_token(tender.FIRST_DEVICE)},gateway={cable.here}"
    return measure.spawn([*tender.words(house.build, devices=1), str(house.image("bench_fixed_answer"))], {"ASTER_BOOT": boot},
                         [(cable.descriptor, tender.FIRST_DEVICE)])
