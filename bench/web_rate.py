"""The web framework beside native servers: 03-web in the sandbox over a tap, nginx and cpp-httplib over a veth.

The same client (wrk, 64 connections) in the same namespace asks each in turn for the same bytes: a JSON object of five
fields and an HTML page of some 50 elements, which the image makes anew for each request, nginx sends from files, and
cpp-httplib (one thread) from memory. And a file of 100 KB, which lies in the image, and which nginx sends with sendfile.
"""

import contextlib
import http.client
import pathlib
import tempfile

import http_rate
import measure
import network
import peers
import tender
from figure import at_least, figure, not_measured

GROUP = "web_rate"
JSON, PAGE, ASSET = "/planets/Saturn", "/", "/hundred-kilobytes.txt"
NGINX = """
user root; daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log /dev/null crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 80; root {folder}/site; index index.html; default_type application/json;
            types {{ text/html html; text/plain txt; }} }}
}}
"""
NAMES = {
    ("03-web", "nginx", JSON): ("03-web in the sandbox / native nginx from a file: JSON of 5 fields", 0.8),
    ("03-web", "nginx", PAGE): ("03-web in the sandbox / native nginx from a file: page of 50 elements", 0.8),
    ("03-web", "cpp-httplib", JSON): ("03-web in the sandbox / native cpp-httplib with one thread: JSON of 5 fields", 2),
    ("asset", "nginx", ASSET): ("crunched file of 100 KB in the sandbox / native nginx with sendfile", 1),
}


def fetch(address, path):
    """The bytes that a server gives for a path."""
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"http://{address}{path}: {answer.status}")
    return answer.read()


def measure_all(house):
    wrk, nginx = peers.find("wrk"), peers.find("nginx")
    library = house.build / "bench/bench_httplib"
    if not wrk or not nginx:
        for name, goal in NAMES.values():
            yield not_measured(GROUP, name, "×", at_least(goal), f"{'nginx' if wrk else 'wrk'} is not installed")
        return
    seconds, rounds = (1, 2) if house.quick else (3, 5)
    seen, pairs = {}, {key: None for key in NAMES}
    with contextlib.ExitStack() as all_of_it:
        folder = pathlib.Path(all_of_it.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        measure.pin(http_rate.SERVER_CPU)
        for index, (name, image) in enumerate({"03-web": "03-web", "asset": "bench_asset"}.items()):
            cable = all_of_it.enter_context(network.tap("service", 11 + index))
            pid = all_of_it.enter_context(tender.running(house.build, house.image(image), cable))
            network.wait_for_port(cable.image, 80)
            servers[name] = pid, cable.image
        json, page = fetch(servers["03-web"][1], JSON), fetch(servers["03-web"][1], PAGE)
        asset = fetch(servers["asset"][1], ASSET)
        site = folder / "site"
        (site / "planets").mkdir(parents=True)
        for path, content in ((JSON, json), ("/index.html", page), (ASSET, asset)):
            (site / path[1:]).write_bytes(content)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
        for name, words, subnet in (("nginx", [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], 20),
                                    ("cpp-httplib", [str(library), str(site / JSON[1:])], 21)):
            if name == "cpp-httplib" and not library.exists():
                continue
            servers[name] = all_of_it.enter_context(
                network.behind_veth(words, http_rate.SERVER_CPU, f"10.8.{subnet}.1", f"10.8.{subnet}.2", f"here{subnet}"))
        measure.pin(http_rate.CLIENT_CPU)
        for ours, theirs, path in pairs:
            for name in (ours, theirs):
                if name in servers:
                    http_rate.put_load_on(wrk, servers[name][0], f"http://{servers[name][1]}{path}", 1)
        for _ in range(rounds):
            for ours, theirs, path in pairs:
                for name in (ours, theirs):
                    if name in servers:
                        pid, address = servers[name]
                        seen.setdefault((theirs, path, name), []).append(
                            http_rate.put_load_on(wrk, pid, f"http://{address}{path}", seconds))
    for (ours, theirs, path), (name, goal) in NAMES.items():
        if theirs not in servers:
            yield not_measured(GROUP, name, "×", at_least(goal), "libcpp-httplib-dev or g++ is not installed")
            continue
        rates = {who: [one.rate for one in seen[theirs, path, who]] for who in (ours, theirs)}
        of = lambda who, what: measure.median(getattr(one, what) for one in seen[theirs, path, who])
        size = {JSON: len(json), PAGE: len(page), ASSET: len(asset)}[path]
        yield figure(GROUP, name, measure.ratio(rates[ours], rates[theirs]), "×", at_least(goal),
                     f"wrk, {http_rate.CONNECTIONS} connections, pairs of {seconds} s, {size:,} bytes",
                     {"1/s": int(of(ours, "rate")), "peer 1/s": int(of(theirs, "rate")),
                      "whole CPU µs": of(ours, "busy"), "peer's": of(theirs, "busy")})
