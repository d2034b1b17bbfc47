"""SQL engines that are servers: each is started for itself, on a socket or the loopback interface."""

import os
import pathlib
import shutil
import subprocess
import tempfile
from json import dumps, loads

import maven
from table import Table, back, double, free_port, instant, needs


class Postgres(Table):
    types = {"text": "TEXT", "number": "BIGINT", "boolean": "BOOLEAN", "json": "JSONB", "time": "TIMESTAMPTZ"}
    mark = "%s"

    @staticmethod
    def instant(milliseconds):
        # What is finer than a millisecond makes no difference.
        return instant(milliseconds, "999+00")

    def __init__(self):
        psycopg2 = needs(lambda: __import__("psycopg2"))
        self.folder = tempfile.mkdtemp(prefix="varsigma")
        versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        binaries = needs(lambda: versions[-1] if versions else open("/usr/lib/postgresql"))
        data = os.path.join(self.folder, "data")
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            needs(lambda: shutil.chown(self.folder, "postgres"))
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "test"]
        self.control = [*self.user, str(binaries / "pg_ctl"), "-D", data]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        needs(lambda: subprocess.run([*self.user, str(binaries / "initdb"), "-D", data, *locale], check=True, **quiet))
        port = free_port()
        # What is lost with the machine needs no disk.
        options = f"-k {self.folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
        needs(lambda: subprocess.run([*self.control, "-w", "-o", options, "start"], check=True, **quiet))
        self.connection = psycopg2.connect(host="127.0.0.1", port=port, user="test", dbname="postgres")
        self.connection.autocommit = True

    def cursor(self):
        return self.connection.cursor()

    def by(self):
        return f"PostgreSQL {self.connection.get_parameter_status('server_version').split()[0]}"

    def close(self):
        self.connection.close()
        subprocess.run([*self.control, "-m", "fast", "stop"], check=False, stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(self.folder, ignore_errors=True)


class MariaDb(Table):
    quote = staticmethod(back)
    types = {"text": "TEXT", "number": "BIGINT", "json": "JSON", "time": "DATETIME(3)"}
    mark = "%s"

    def __init__(self):
        pymysql = needs(lambda: __import__("pymysql"))
        self.folder = tempfile.mkdtemp(prefix="varsigma")
        data = os.path.join(self.folder, "data")
        user = ["--user=mysql"] if os.geteuid() == 0 else []
        if user:
            needs(lambda: shutil.chown(self.folder, "mysql"))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        plain = ["--no-defaults", f"--datadir={data}", *user]
        needs(lambda: subprocess.run(["mariadb-install-db", *plain, "--auth-root-authentication-method=normal"], check=True, **quiet))
        self.socket = os.path.join(self.folder, "socket")
        server = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        command = [server, *plain, f"--socket={self.socket}", "--skip-networking", "--character-set-server=utf8mb4"]
        self.server = needs(lambda: subprocess.Popen(command, **quiet))
        import time

        for _ in range(120):
            try:
                self.connection = pymysql.connect(unix_socket=self.socket, user="root", charset="utf8mb4", autocommit=True)
                break
            except pymysql.err.OperationalError:
                time.sleep(0.5)
        self.connection.cursor().execute("CREATE DATABASE t CHARACTER SET utf8mb4")
        self.connection.select_db("t")

    def cursor(self):
        return self.connection.cursor()

    def by(self):
        cursor = self.cursor()
        cursor.execute("SELECT VERSION()")
        return f"MariaDB {cursor.fetchone()[0].split('-')[0]}"

    def close(self):
        self.connection.close()
        self.server.terminate()
        self.server.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class Trino:
    """A Trino of one node with tables in memory, which trino/TrinoAnswers.java asks."""

    how = "run"
    version = "483"
    # What a text becomes in a column. JSON lies in columns of its own type and of text.
    stored = {
        "text": "{}",
        "number": "CAST({} AS BIGINT)",
        "text[]": "CAST(json_parse({}) AS ARRAY(VARCHAR))",
        "number[]": "CAST(json_parse({}) AS ARRAY(BIGINT))",
        "boolean[]": "CAST(json_parse({}) AS ARRAY(BOOLEAN))",
    }
    json_columns = ["json_parse({})", "{}"]
    # Both types of a time, in turn: the session's time zone is UTC.
    times = ["TIMESTAMP(3)", "TIMESTAMP(3) WITH TIME ZONE"]

    def __init__(self):
        jdk = needs(lambda: maven.jdk(25)) / "bin"
        coordinates = [f"io.trino:{name}:{self.version}" for name in ("trino-main", "trino-memory")]
        jars = needs(lambda: maven.jars("trino", *coordinates))
        path = f"{jars}/*:{jars.parent}"
        source = pathlib.Path(__file__).parent / "trino" / "TrinoAnswers.java"
        needs(lambda: subprocess.run([jdk / "javac", "-cp", path, "-d", jars.parent, source], check=True))
        self.folder = tempfile.mkdtemp(prefix="varsigma")
        # The first of the two compilers is enough: no query runs for long.
        options = ["-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--add-modules", "jdk.incubator.vector"]
        command = [jdk / "java", *options, f"-Djava.io.tmpdir={self.folder}", "-cp", path, "TrinoAnswers"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        with open(jars.parent / "log", "w") as log:
            self.server = subprocess.Popen(command, stderr=log, **pipes)
        needs(self.ready)

    def ready(self):
        if '"ready"' not in self.server.stdout.readline():
            raise OSError("Trino does not start")

    def ask(self, columns, types, rows, query, before=()):
        columns, types = ["row_number_", *columns], ["number", *types]
        rows = [[at, *row] for at, row in enumerate(rows)]
        if before:
            self.create("logs", columns, types, rows)
            for statement in before:
                self.answers(statement)
            return self.again(query)
        # A table for each query takes three times as long as rows in the query itself.
        wheres = self.json_columns if "json" in types else [None]
        found = [self.again(f"WITH logs AS ({self.rows(columns, types, rows, json=where)}) {query}") for where in wheres]
        if found[0] != found[-1]:
            raise ValueError(f"JSON finds {found[0]}, its text finds {found[-1]}")
        return found[0]

    def tables(self, tables, columns):
        types = ["time", *("text" for _ in columns)]
        self.times = self.times[::-1]
        for table, rows in tables.items():
            self.create(table, ["time", *columns], types, [[instant(row[0]), *row[1:]] for row in rows])

    def create(self, table, columns, types, rows):
        self.answers(f"DROP TABLE IF EXISTS {table}")
        self.answers(f"CREATE TABLE {table} AS {self.rows(columns, types, rows)}")

    def rows(self, columns, types, rows, json=None):
        """The SELECT of rows; they are one text, as a long list of values takes long to be planned."""
        stored = {**self.stored, "json": json, "time": f"CAST({{}} AS {self.times[0]})"}
        typed = enumerate(zip(columns, types), 1)
        columns = ", ".join(f"{stored[kind].format(f'r[{at}]')} AS {double(name)}" for at, (name, kind) in typed)
        text = dumps(rows).replace("'", "''")
        return f"SELECT {columns} FROM UNNEST(CAST(JSON '{text}' AS ARRAY(ARRAY(VARCHAR)))) AS t (r)"

    def again(self, query):
        return {row[0] for row in self.answers(query)}

    def answers(self, query):
        self.server.stdin.write(dumps(query) + "\n")
        self.server.stdin.flush()
        answer = loads(self.server.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["rows"]

    def by(self):
        return f"Trino {self.version}"

    def close(self):
        self.server.stdin.close()
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
