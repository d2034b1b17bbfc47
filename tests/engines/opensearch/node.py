"""One OpenSearch node on the loopback address, made of its libraries from Maven Central.

    with node.Node() as opensearch:
        name = opensearch.index({"c": {"type": "keyword"}}, {"1": {"c": "a"}, "2": {"c": "b"}})
        hits = opensearch.search({"query": {"query_string": {"query": "c:a"}}}, name)

It is gone when the program that started it ends, however it does. What can't be had is a LookupError:
a JDK that is new enough, the libraries, the plugin for PPL.
"""

import contextlib
import glob
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import maven

TRANSPORT, ANALYSIS = "org.opensearch.transport.Netty4", "org.opensearch.analysis.common.CommonAnalysis"
# The newest one first: the JDK that a release needs, the Log4j that goes with it, how classes of its plugins end.
RELEASES = {"3.9.0": (21, "2.25.5", "ModulePlugin"), "2.19.6": (17, "2.25.4", "Plugin")}
# Plugins that Maven Central has not: folders of their libraries, and their classes, parted by colons.
MORE_LIBRARIES = os.environ.get("OPENSEARCH_PLUGIN_LIBRARIES", "")
MORE_PLUGINS = os.environ.get("OPENSEARCH_PLUGINS", "")
STARTS_WITHIN = 600  # seconds, on busy cores


class Refused(Exception):
    """What the node answers in place of a result."""


def newest():
    """The newest release that a JDK here runs."""
    for release, (least, *_) in RELEASES.items():
        with contextlib.suppress(LookupError):
            maven.jdk(least)
            return release
    raise LookupError("there is no JDK 17 or newer")


def class_path(release, java):
    """What the node is started from; the program that starts it is compiled."""
    name = f"opensearch-{release}"
    jars = maven.jars(
        name,
        f"org.opensearch:opensearch:{release}",
        f"org.opensearch.plugin:transport-netty4-client:{release}",
        f"org.opensearch.plugin:analysis-common:{release}",
        # The server writes its levels into it, and names it as optional.
        f"org.apache.logging.log4j:log4j-core:{RELEASES[release][1]}",
    )
    classes = jars.parent / "classes"
    libraries = [*sorted(glob.glob(f"{jars}/*.jar"))]
    for folder in filter(None, MORE_LIBRARIES.split(":")):
        libraries += sorted(glob.glob(f"{folder}/*.jar"))
    path = ":".join([*libraries, str(classes)])
    command = [java / "bin" / "javac", "-nowarn", "-cp", path, "-d", classes, HERE / "OneNode.java"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        raise LookupError(f"OneNode.java does not compile with OpenSearch {release}: {built.stderr[:300]}")
    return path


class Node:
    def __init__(self, release=None):
        self.release = release or newest()
        self.process = self.home = self.connection = None
        self.count = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self):
        java = maven.jdk(RELEASES[self.release][0])
        path = class_path(self.release, java)
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="opensearch-", dir=memory))
        (self.home / "config").mkdir()
        command = [java / "bin" / "java", "-Xms512m", "-Xmx2g", "-XX:+UseParallelGC"]
        if MORE_LIBRARIES:
            # The plugin for PPL compiles classes while it runs, and opens the JDK's own.
            command += ["--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
        ending = RELEASES[self.release][2]
        plugins = [TRANSPORT + ending, ANALYSIS + ending, *filter(None, MORE_PLUGINS.split(":"))]
        command += ["-cp", path, "OneNode", self.home, *plugins]
        log = open(self.home / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.home
        )
        late = threading.Timer(STARTS_WITHIN, self.process.kill)
        late.start()
        try:
            ready = next((line for line in self.process.stdout if line.startswith("ready ")), None)
            if ready is None:
                raise LookupError(f"OpenSearch {self.release} does not start: {self.log()[-600:]}")
        except BaseException:
            self.close()
            raise
        finally:
            late.cancel()
        self.port = int(ready.split()[1])
        # A pipe that nobody reads would stop the node.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def log(self):
        return (self.home / "log").read_text("utf-8", "replace")

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)
            self.home = None

    def request(self, method, path, body=None):
        """The answer to a request, of JSON or lines of JSON."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        lines = isinstance(body, list)
        data = "".join(json.dumps(line) + "\n" for line in body) if lines else body and json.dumps(body)
        kind = "application/x-ndjson" if lines else "application/json"
        self.connection.request(method, path, data and data.encode(), {"Content-Type": kind})
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status >= 400:
            raise Refused(reason(text))
        return json.loads(text)

    def index(self, mapping, events, settings=None):
        """A new index with these fields, and with events by their ids; its name."""
        self.count += 1
        name = f"events-{self.count}"
        within = {
            "number_of_shards": 1,
            "number_of_replicas": 0,
            "refresh_interval": -1,
            "translog.durability": "async",
            "mapping.total_fields.limit": 10_000,
            **(settings or {}),
        }
        properties = {"dynamic": "strict", "properties": mapping}
        self.request("PUT", f"/{name}", {"settings": within, "mappings": properties})
        lines = []
        for identity, event in events.items():
            lines += [{"index": {"_id": identity}}, event]
        for start in range(0, len(lines), 10_000):
            done = self.request("POST", f"/{name}/_bulk", lines[start : start + 10_000])
            bad = [item["index"] for item in done["items"] if "error" in item["index"]]
            if bad:
                raise Refused(f"{bad[0]['_id']}: {reason(json.dumps(bad[0]))}")
        self.request("POST", f"/{name}/_refresh")
        return name

    def drop(self, name):
        self.request("DELETE", f"/{name}")

    def search(self, body, name):
        """The ids of the events that a search finds."""
        return [hit["_id"] for hit in self.request("POST", f"/{name}/_search", body)["hits"]["hits"]]

    def searches(self, bodies, name):
        """The ids that each of several searches finds, or Refused."""
        lines = [line for body in bodies for line in ({"index": name}, body)]
        answers = self.request("POST", "/_msearch", lines)["responses"] if lines else []
        return [
            Refused(reason(json.dumps(answer))) if "error" in answer else [hit["_id"] for hit in answer["hits"]["hits"]]
            for answer in answers
        ]

    def ppl(self, text):
        """The rows that a PPL query finds, as maps. LookupError: the node has no plugin for it."""
        if "SQLPlugin" not in MORE_PLUGINS:
            raise LookupError("Maven Central has no plugin for PPL; OPENSEARCH_PLUGINS names none")
        answer = self.request("POST", "/_plugins/_ppl", {"query": text})
        names = [column["name"] for column in answer["schema"]]
        return [dict(zip(names, row)) for row in answer["datarows"]]


def shortened(text):
    """Without most of the query that an error repeats between its first and its last words."""
    return text if len(text) < 300 else f"{text[:60]} … {text[-200:]}"


def reason(text):
    """What an error says, and what it says of its cause."""
    try:
        error = json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return text[:300]
    found = []

    def look(part):
        if isinstance(part, dict):
            for key in ("reason", "details"):
                if isinstance(part.get(key), str) and shortened(part[key]) not in found:
                    found.append(shortened(part[key]))
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(error)
    return "; ".join(found) or text[:300]
