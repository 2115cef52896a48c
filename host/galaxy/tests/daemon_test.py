"""The daemon with real images, a real switch and a real edge: up, sleep, wake, and all that goes wrong.

    daemon_test.py ASTER_GALAXY TRIAL_1 TRIAL_2 TRIAL_DEAF TRIAL_ENDS
"""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

DAEMON, TRIAL, TRIAL_2, DEAF, ENDS = map(os.path.abspath, sys.argv[1:6])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("galaxy", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def is_alive(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    return False


class Galaxy:
    """A galaxy in folders of its own, and its daemon."""

    def __init__(self, text, name="trial"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="asterism-test-"))
        self.port = free_port()
        self.name = name
        self.runtime = self.folder / "run" / "asterism-galaxies" / name
        self.state = self.folder / "state" / "asterism" / name
        (self.folder / "run").mkdir(mode=0o700)
        self.write(text)
        self.daemon = None

    def write(self, text):
        head = f'name = "{self.name}"\n[edge]\nlisten = "127.0.0.1:{self.port}"\n'
        (self.folder / "galaxy.toml").write_text(head + text)

    def start(self, **settings):
        places = {"XDG_RUNTIME_DIR": str(self.folder / "run"), "XDG_STATE_HOME": str(self.folder / "state")}
        with open(self.folder / "daemon.log", "a") as log:
            self.daemon = subprocess.Popen([DAEMON, "--file", self.folder / "galaxy.toml"], stderr=log,
                                           env=os.environ | places, **settings)
        self.wait(self.answers, "the daemon's socket")
        return self

    def answers(self):
        assert self.daemon.poll() is None, self.log()
        try:
            return self.ask("GET", "/galaxy")
        except (ConnectionError, FileNotFoundError):
            return None

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()

    def ask(self, method, path, body=None):
        connection = UnixConnection(self.runtime / "api")
        with contextlib.closing(connection):
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status >= 300:
                return {"status": answer.status, "text": text}
            try:
                return json.loads(text)
            except json.JSONDecodeError:
                return {"text": text}

    def get(self, path="/", timeout=15):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def service(self, name):
        return next(s for s in self.ask("GET", "/galaxy")["services"] if s["name"] == name)

    def pids(self, name):
        return {i["name"]: i["pid"] for i in self.service(name)["instances"] if i["pid"]}

    def events(self, kind, service=None):
        lines = self.ask("GET", "/events?after=0&limit=10000")["text"].splitlines()
        every = [json.loads(line) for line in lines if line.strip()]
        return [e for e in every if e["kind"] == kind and service in (None, e["service"])]

    def wait(self, holds, what, seconds=20):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            result = holds()
            if result:
                return result
            time.sleep(0.02)
        raise AssertionError(f"in vain: {what}\n{self.log()}")

    def is_well(self, name):
        return lambda: self.service(name)["state"] == "well"

    def sleeps(self, name):
        return lambda: self.service(name)["state"] == "asleep" and not self.service(name)["instances"]

    def log(self):
        return (self.folder / "daemon.log").read_text()

    def instances(self):
        """What runs, whoever knows of it: pids of `aster run` and of the switch."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    if len(words) > 2 and any(str(self.folder).encode() in w for w in words) and (
                            words[1] in (b"run", b"--runtime")) and is_alive(entry.name):
                        found.append(int(entry.name))
        return found

    def end(self):
        if self.daemon and self.daemon.poll() is None:
            with contextlib.suppress(OSError):
                self.ask("POST", "/down", {})
            try:
                self.daemon.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        for pid in self.instances():  # only what a failed test has left
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def service(name, image=TRIAL, **more):
    lines = [f"[service.{name}]", f'image = "{image}"', 'memory = "16M"']
    lines += [f"{key} = {value}" for key, value in more.items()]
    lines += ["[[route]]", f'path = "/{name}"', f'service = "{name}"', "strip = true"]
    return "\n".join(lines) + "\n"


class Daemon(unittest.TestCase):
    def galaxy(self, *services, **settings):
        g = Galaxy("".join(services))
        self.addCleanup(g.end)
        return g.start(**settings)

    def test_a_request_wakes_a_service_and_it_sleeps_again(self):
        g = self.galaxy(service("shop", idle='"500ms"'))
        g.wait(g.is_well("edge"), "the edge")
        self.assertEqual(g.service("shop")["instances"], [])
        self.assertEqual(g.get("/shop/"), (200, "version 1, request 1\n"))
        g.wait(g.sleeps("shop"), "sleep")
        self.assertEqual(g.get("/shop/"), (200, "version 1, request 1\n"))
        self.assertEqual(len(g.events("woken", "shop")), 2)
        self.assertEqual(len(g.events("asleep", "shop")), 1)

    def test_a_burst_starts_one_instance_and_loses_no_request(self):
        g = self.galaxy(service("shop", replicas="{ min = 0, max = 4 }"))
        g.wait(g.is_well("edge"), "the edge")
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: g.get("/shop/")[0], range(300)))
        self.assertEqual(set(answers), {200})
        self.assertEqual(len(g.events("started", "shop")), 1)

    def test_killed_and_started_again_the_daemon_finds_all_that_runs(self):
        g = self.galaxy(service("shop"), service("paste", replicas="{ min = 2, max = 2 }"))
        g.wait(g.is_well("paste"), "paste")
        g.get("/shop/")
        g.wait(lambda: len(g.service("paste")["instances"]) == 2, "two of paste")
        before = {name: g.pids(name) for name in ("edge", "shop", "paste")}
        last = g.ask("GET", "/galaxy")["last_event"]
        g.kill()
        self.assertEqual(g.get("/shop/")[0], 200)  # the edge goes on
        victim = before["paste"]["paste-1"]
        os.kill(victim, signal.SIGKILL)
        g.start()
        g.wait(lambda: len(g.pids("paste")) == 2 and g.pids("paste")["paste-1"] != victim, "paste-1 again")
        after = {name: g.pids(name) for name in ("edge", "shop", "paste")}
        self.assertEqual(after["edge"], before["edge"])
        self.assertEqual(after["shop"], before["shop"])
        self.assertEqual(after["paste"]["paste-2"], before["paste"]["paste-2"])
        self.assertEqual(g.events("adopted")[0]["number"], last + 2)  # behind what limits instances
        g.wait(g.is_well("paste"), "paste")
        self.assertEqual(g.get("/paste/")[0], 200)

    def test_killed_again_and_again_while_it_starts_it_leaves_nothing_that_nobody_knows(self):
        g = self.galaxy(service("shop", replicas="{ min = 3, max = 3 }"))
        for i in range(10):
            time.sleep(0.01 * i)
            g.kill()
            g.start()
        g.wait(lambda: len(g.pids("shop")) == 3 and g.service("shop")["state"] == "well", "three of shop")
        known = {pid for name in ("edge", "shop") for pid in g.pids(name).values()}
        running = set(g.instances()) - {int((g.runtime / "switch.pid").read_text())}
        self.assertEqual(running, known)

    def test_asked_to_end_the_daemon_ends_alone(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"))
        g.wait(g.is_well("shop"), "shop")
        g.daemon.send_signal(signal.SIGTERM)
        self.assertEqual(g.daemon.wait(10), 0)
        self.assertEqual(len(g.instances()), 3)  # shop, the edge and the switch
        self.assertEqual(g.get("/shop/")[0], 200)
        g.start()

    def test_an_instance_that_ends_is_started_again(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"))
        g.wait(g.is_well("shop"), "shop")
        with contextlib.suppress(OSError, http.client.HTTPException):
            g.get("/shop/ends")
        crashed = g.wait(lambda: g.events("crashed", "shop"), "a crash")
        self.assertEqual(crashed[0]["text"], "exit code 3: asked to end")
        g.wait(g.is_well("shop"), "shop again")
        self.assertEqual(g.get("/shop/")[0], 200)

    def test_one_that_freezes_is_replaced(self):
        health = '{ http = "/", every = "200ms", timeout = "200ms", failures = 2 }'
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }", health=health))
        g.wait(g.is_well("shop"), "shop")
        before = g.pids("shop")
        with contextlib.suppress(OSError, http.client.HTTPException):
            g.get("/shop/freezes", timeout=0.5)
        g.wait(lambda: g.events("unwell", "shop"), "what is unwell")
        g.wait(lambda: g.service("shop")["state"] == "well" and g.pids("shop") != before, "another")
        self.assertEqual(g.get("/shop/")[0], 200)

    def test_a_crash_loop_is_told_and_answers_503_at_once(self):
        g = self.galaxy(service("shop", ENDS, replicas="{ min = 1, max = 1 }",
                                restart='{ backoff = "50ms", most = "60s" }'))
        g.wait(lambda: g.service("shop")["state"] == "crash_loop", "the crash loop")
        self.assertIn("exit code 4: ends as it was told", g.service("shop")["why"])
        began = time.monotonic()
        self.assertEqual(g.get("/shop/")[0], 503)
        self.assertLess(time.monotonic() - began, 2)

    def test_a_deployment_replaces_every_instance_and_breaks_no_request(self):
        g = self.galaxy(service("shop", replicas="{ min = 2, max = 2 }"))
        g.wait(lambda: len(g.pids("shop")) == 2 and g.service("shop")["state"] == "well", "two")
        self.assertEqual(g.ask("POST", "/services/shop/deploy", {"image": TRIAL_2})["version"], 2)
        answers = []
        while g.service("shop")["version"] != 2 or not g.events("deployed", "shop"):
            answers.append(g.get("/shop/"))
            self.assertLess(len(answers), 5000)
        self.assertEqual({status for status, _ in answers}, {200})
        self.assertIn("version 2", g.get("/shop/")[1])
        states = [d["state"] for d in g.ask("GET", "/services/shop/deployments")]
        self.assertEqual(sorted(states), ["live", "replaced"])
        self.assertEqual(g.ask("POST", "/services/shop/rollback", {})["version"], 3)
        g.wait(lambda: len(g.events("deployed", "shop")) == 2, "the rollback")
        self.assertIn("version 1", g.get("/shop/")[1])

    def test_a_deployment_that_is_not_well_is_taken_back(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"))
        g.wait(g.is_well("shop"), "shop")
        for count, image in enumerate((ENDS, DEAF)):
            g.ask("POST", "/services/shop/deploy", {"image": image})
            until = time.monotonic() + 20
            while len(g.events("rolled_back", "shop")) == count:
                self.assertEqual(g.get("/shop/")[0], 200)
                time.sleep(0.05)
                self.assertLess(time.monotonic(), until)
        self.assertEqual(g.service("shop")["version"], 1)
        self.assertIn("version 1", g.get("/shop/")[1])

    def test_an_image_that_is_none_is_refused(self):
        g = self.galaxy(service("shop"))
        refused = g.ask("POST", "/services/shop/deploy", {"image": __file__})
        self.assertGreaterEqual(refused["status"], 400)
        self.assertEqual(len(g.ask("GET", "/services/shop/deployments")), 1)

    def test_scaled_by_hand_and_restarted(self):
        g = self.galaxy(service("shop"))
        g.wait(g.is_well("edge"), "the edge")
        g.ask("POST", "/services/shop/scale", {"instances": 3})
        g.wait(lambda: len(g.pids("shop")) == 3 and g.service("shop")["state"] == "well", "three")
        before = set(g.pids("shop").values())
        g.ask("POST", "/services/shop/restart", {})
        g.wait(lambda: len(g.pids("shop")) == 3 and not before & set(g.pids("shop").values()), "three others")
        g.kill()
        g.start()
        self.assertEqual(g.service("shop")["wanted"], 3)

    def test_galaxy_toml_that_has_changed_is_taken_in(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"), service("paste"))
        g.wait(g.is_well("shop"), "shop")
        before = g.pids("shop")
        g.write(service("shop", replicas="{ min = 1, max = 1 }") +
                service("links", replicas="{ min = 1, max = 1 }", environment='{ COLOUR = "blue" }'))
        g.ask("POST", "/up", {})
        g.wait(g.is_well("links"), "links")
        self.assertEqual(g.pids("shop"), before)
        self.assertEqual(g.get("/links/variable/COLOUR"), (200, "blue"))
        self.assertEqual(g.get("/paste/")[0], 404)
        g.write("[service.shop]\nimagee = 3\n")
        refused = g.ask("POST", "/up", {})
        self.assertIn("did you mean `image`", refused["text"])
        self.assertEqual(g.get("/shop/")[0], 200)

    def test_secrets_reach_the_program_and_nobody_else(self):
        g = Galaxy(service("shop", secrets='{ KEY = "key" }', replicas="{ min = 1, max = 1 }"))
        self.addCleanup(g.end)
        (g.folder / "key").write_text("s3cr3t\n")
        g.start()
        g.wait(g.is_well("shop"), "shop")
        self.assertEqual(g.get("/shop/variable/KEY"), (200, "s3cr3t"))
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    self.assertNotIn(b"s3cr3t", (entry / "cmdline").read_bytes())

    def test_the_machine_was_started_again(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"))
        g.wait(g.is_well("shop"), "shop")
        g.ask("POST", "/services/shop/deploy", {"image": TRIAL_2})
        g.wait(lambda: g.events("deployed", "shop"), "version 2")
        g.kill()
        for pid in g.instances():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(g.runtime)
        with contextlib.closing(sqlite3.connect(g.state / "state.db")) as database, database:
            # Its processes' numbers may be others' now: this one is ours.
            database.execute("UPDATE words SET value = 'before' WHERE name = 'boot'")
            database.execute("UPDATE instances SET pid = ?, born = ?",
                             (os.getpid(), int(pathlib.Path("/proc/self/stat").read_text().rsplit(")")[1].split()[19])))
        g.start()
        g.wait(g.is_well("shop"), "shop")
        g.wait(g.is_well("edge"), "the edge")
        self.assertIn("version 2", g.get("/shop/")[1])

    def test_a_disk_that_is_full_ends_nothing(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"), service("paste"))
        g.wait(g.is_well("shop"), "shop")
        before = g.pids("shop")
        unlimited = resource.prlimit(g.daemon.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(g.daemon.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waits = pool.submit(g.get, "/paste/")
            g.wait(lambda: [e for e in g.events("failed") if "state.db" in e["text"]], "the failure")
            self.assertEqual(g.get("/shop/")[0], 200)
            self.assertEqual(g.pids("shop"), before)
            resource.prlimit(g.daemon.pid, resource.RLIMIT_FSIZE, unlimited)
            waits.result()
        g.wait(lambda: g.get("/paste/")[0] == 200, "paste, now that there is room")

    def test_a_damaged_store_is_told_of_and_ends_nothing(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"))
        g.wait(g.is_well("shop"), "shop")
        g.kill()
        kept = {f: f.read_bytes() for f in g.state.glob("state.db*")}
        for file in kept:
            file.unlink()
        (g.state / "state.db").write_bytes(b"no database at all, " * 1000)
        places = {"XDG_RUNTIME_DIR": str(g.folder / "run"), "XDG_STATE_HOME": str(g.folder / "state")}
        refused = subprocess.run([DAEMON, "--file", g.folder / "galaxy.toml"], env=os.environ | places,
                                 capture_output=True, text=True, timeout=20)
        self.assertEqual(refused.returncode, 125)
        self.assertIn("state.db", refused.stderr)
        self.assertEqual(g.get("/shop/")[0], 200)
        for file, content in kept.items():
            file.write_bytes(content)
        g.start()
        g.wait(g.is_well("shop"), "shop")

    def test_the_switch_is_killed_and_all_is_well_again(self):
        g = self.galaxy(service("shop", replicas="{ min = 1, max = 1 }"))
        g.wait(g.is_well("shop"), "shop")
        before = g.pids("shop")
        os.kill(int((g.runtime / "switch.pid").read_text()), signal.SIGKILL)
        g.wait(lambda: g.pids("shop") != before and g.service("shop")["state"] == "well", "another shop")
        g.wait(g.is_well("edge"), "the edge")
        g.wait(lambda: g.get("/shop/")[0] == 200, "an answer")

    def test_there_is_one_daemon(self):
        g = self.galaxy(service("shop"))
        places = {"XDG_RUNTIME_DIR": str(g.folder / "run"), "XDG_STATE_HOME": str(g.folder / "state")}
        second = subprocess.run([DAEMON, "--file", g.folder / "galaxy.toml"], env=os.environ | places,
                                capture_output=True, text=True, timeout=20)
        self.assertEqual(second.returncode, 125)
        self.assertIn("has a daemon already", second.stderr)
        self.assertTrue(g.answers())

    def test_taken_down_nothing_is_left(self):
        g = self.galaxy(service("shop", replicas="{ min = 2, max = 2 }"))
        g.wait(g.is_well("shop"), "shop")
        g.ask("POST", "/down", {})
        self.assertEqual(g.daemon.wait(30), 0)
        self.assertEqual(g.instances(), [])
        with self.assertRaises(OSError):
            g.get("/shop/")

    def test_sleepers_cost_next_to_nothing(self):
        g = self.galaxy(*(service(f"s{i}") for i in range(10)))
        g.wait(g.is_well("edge"), "the edge")
        time.sleep(0.5)
        everything = [g.daemon.pid, *g.instances()]

        def spent():
            ticks = 0
            for pid in everything:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()
                ticks += sum(map(int, fields[11:15]))
            return ticks

        before = spent()
        time.sleep(3)
        self.assertLessEqual(spent() - before, 3)  # of 300


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[6:]], verbosity=2)
