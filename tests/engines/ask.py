"""SQL engines, each asked in its own way: a table is made, filled and queried."""

import datetime
import logging
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile


def needs(load):
    """Exit code 3 tells that the engine can't be had."""
    try:
        return load()
    except (ImportError, LookupError, OSError, subprocess.CalledProcessError) as error:
        print(f"  {error}", file=sys.stderr)
        sys.exit(3)


def free_port():
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def instant(milliseconds, end=""):
    """`2026-01-01 00:00:33.250`, of milliseconds since 1970."""
    if milliseconds is None:
        return None
    time = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return f"{time:%Y-%m-%d %H:%M:%S}.{milliseconds % 1000:03}{end}"


def double(name):
    return '"' + name.replace('"', '""') + '"'


def back(name):
    return "`" + name.replace("`", "``") + "`"


class Table:
    """An engine with a cursor of Python's DB API."""

    quote = staticmethod(double)
    types = {"text": "VARCHAR", "number": "BIGINT", "json": "JSON", "time": "TIMESTAMP"}
    mark = "?"

    def ask(self, columns, types, rows, query, before=()):
        """The numbers of the rows that a query finds in a table, behind what comes `before` it."""
        cursor = self.cursor()
        cursor.execute("DROP TABLE IF EXISTS logs")
        typed = zip(columns, types)
        names = ", ".join(f"{self.quote(column)} {self.types[kind]}" for column, kind in typed)
        comma = ", " if columns else ""
        cursor.execute(f"CREATE TABLE logs ({self.quote('row_number_')} INTEGER{comma}{names})")
        marks = ", ".join([self.mark] * (len(columns) + 1))
        if rows:
            values = [(number, *row) for number, row in enumerate(rows)]
            cursor.executemany(f"INSERT INTO logs VALUES ({marks})", values)
        for statement in before:
            self.execute(cursor, statement)
        return self.again(query)

    def tables(self, tables, columns):
        """Makes tables whose rows have a time, in milliseconds since 1970, and columns of text."""
        cursor = self.cursor()
        for table, rows in tables.items():
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            names = "".join(f", {column} {self.types['text']}" for column in columns)
            cursor.execute(f"CREATE TABLE {table} ({self.quote('time')} {self.types['time']}{names})")
            marks = ", ".join([self.mark] * (len(columns) + 1))
            if rows:
                values = [(self.instant(row[0]), *row[1:]) for row in rows]
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", values)

    instant = staticmethod(instant)

    def answers(self, query):
        """All rows of a query on these tables."""
        cursor = self.cursor()
        self.execute(cursor, query)
        return cursor.fetchall()

    def again(self, query):
        """The same of the table that is there."""
        cursor = self.cursor()
        self.execute(cursor, query)
        return {row[0] for row in cursor.fetchall()}

    def execute(self, cursor, query):
        cursor.execute(query)

    def close(self):
        pass


class SQLite(Table):
    types = {"text": "TEXT", "time": "TEXT"}

    def __init__(self):
        sqlite3 = needs(lambda: __import__("sqlite3"))
        self.connection = sqlite3.connect(":memory:")
        self.connection.create_function("regexp", 2, lambda pattern, text: bool(__import__("re").search(pattern, text)))

    def cursor(self):
        return self.connection.cursor()

    @staticmethod
    def instant(milliseconds):
        return milliseconds and instant(milliseconds, "Z").replace(" ", "T")


class DuckDb(Table):
    def __init__(self):
        duckdb = needs(lambda: __import__("duckdb"))
        self.connection = duckdb.connect()

    def cursor(self):
        return self.connection


class Postgres(Table):
    types = {"text": "TEXT", "number": "BIGINT", "json": "JSONB", "time": "TIMESTAMPTZ"}
    mark = "%s"

    @staticmethod
    def instant(milliseconds):
        return instant(milliseconds, "+00")

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
        options = f"-k {self.folder} -p {port} -c listen_addresses=127.0.0.1"
        needs(lambda: subprocess.run([*self.control, "-w", "-o", options, "start"], check=True, **quiet))
        self.connection = psycopg2.connect(host="127.0.0.1", port=port, user="test", dbname="postgres")
        self.connection.autocommit = True

    def cursor(self):
        return self.connection.cursor()

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

    def close(self):
        self.connection.close()
        self.server.terminate()
        self.server.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class ClickHouse(Table):
    quote = staticmethod(lambda name: back(name.replace("\\", "\\\\")))
    types = {
        "text": "Nullable(String)",
        "number": "Nullable(Int64)",
        "json": "String",
        "time": "Nullable(DateTime64(3, 'UTC'))",
    }

    def __init__(self):
        chdb = needs(lambda: __import__("chdb.session").session)
        self.session = chdb.Session()

    def ask(self, columns, types, rows, query, before=()):
        import json

        typed = zip(columns, types)
        names = "".join(f", {self.quote(column)} {self.types[kind]}" for column, kind in typed)
        self.session.query("CREATE DATABASE IF NOT EXISTS t")
        self.session.query("DROP TABLE IF EXISTS t.logs")
        self.session.query(f"CREATE TABLE t.logs (row_number_ Int32{names}) ENGINE = Memory")
        lines = [json.dumps({"row_number_": number, **dict(zip(columns, row))}) for number, row in enumerate(rows)]
        if lines:
            self.session.query("INSERT INTO t.logs FORMAT JSONEachRow\n" + "\n".join(lines))
        self.session.query("USE t")
        for statement in before:
            self.session.query(statement)
        return self.again(query)

    def tables(self, tables, columns):
        import json

        self.session.query("CREATE DATABASE IF NOT EXISTS t")
        self.session.query("USE t")
        for table, rows in tables.items():
            self.session.query(f"DROP TABLE IF EXISTS t.{table}")
            names = "".join(f", {self.quote(column)} {self.types['text']}" for column in columns)
            self.session.query(f"CREATE TABLE t.{table} (time {self.types['time']}{names}) ENGINE = Memory")
            lines = [json.dumps(dict(zip(["time", *columns], [instant(row[0]), *row[1:]]))) for row in rows]
            if lines:
                self.session.query(f"INSERT INTO t.{table} FORMAT JSONEachRow\n" + "\n".join(lines))

    def answers(self, query):
        import json

        out = str(self.session.query(query, "JSONCompactEachRow"))
        return [json.loads(line) for line in out.splitlines()]

    def again(self, query):
        out = self.session.query(query, "CSV")
        return {int(line.split(",")[0]) for line in str(out).splitlines()}


class DataFusion:
    def __init__(self):
        self.module = needs(lambda: __import__("datafusion"))

    def ask(self, columns, types, rows, query, before=()):
        import pyarrow

        context = self.context = self.module.SessionContext()
        data = {"row_number_": pyarrow.array(range(len(rows)), pyarrow.int64())}
        for at, column in enumerate(columns):
            values = [row[at] for row in rows]
            if types[at] == "number":
                numbers = [None if value is None else int(value) for value in values]
                data[column] = pyarrow.array(numbers, pyarrow.int64())
            else:
                data[column] = pyarrow.array(values, pyarrow.string())
        table = pyarrow.table(data)
        context.register_record_batches("logs", [table.to_batches()])
        for statement in before:
            context.sql(statement)
        return self.again(query)

    def tables(self, tables, columns):
        import pyarrow

        context = self.context = self.module.SessionContext()
        for table, rows in tables.items():
            data = {"time": pyarrow.array([row[0] for row in rows], pyarrow.timestamp("ms"))}
            for at, column in enumerate(columns, 1):
                data[column] = pyarrow.array([row[at] for row in rows], pyarrow.string())
            context.register_record_batches(table, [pyarrow.table(data).to_batches(1 << 20) or [pyarrow.RecordBatch.from_pydict(data)]])

    def answers(self, query):
        batches = self.context.sql(query).collect()
        return [row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns))]

    def again(self, query):
        found = set()
        for batch in self.context.sql(query).collect():
            found.update(batch.column(0).to_pylist())
        return found

    def close(self):
        pass


class Spark:
    def __init__(self):
        sql = needs(lambda: __import__("pyspark.sql").sql)
        builder = sql.SparkSession.builder.master("local[1]")
        for key, value in {
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.session.timeZone": "UTC",
        }.items():
            builder = builder.config(key, value)
        self.spark = needs(builder.getOrCreate)
        self.spark.sparkContext.setLogLevel("OFF")

    def ask(self, columns, types, rows, query, before=()):
        from pyspark.sql import types as spark

        fields = [spark.StructField("row_number_", spark.IntegerType())]
        numeric = [kind == "number" for kind in types]
        for column, number in zip(columns, numeric):
            kind = spark.LongType() if number else spark.StringType()
            fields.append(spark.StructField(column, kind))
        data = [
            (number, *(int(value) if is_number and value else value for value, is_number in zip(row, numeric)))
            for number, row in enumerate(rows)
        ]
        self.spark.createDataFrame(data, spark.StructType(fields)).createOrReplaceTempView("logs")
        for statement in before:
            # The rows are a temporary view, on which no other stands.
            self.spark.sql(statement.replace("CREATE VIEW", "CREATE TEMPORARY VIEW"))
        return self.again(query)

    def tables(self, tables, columns):
        from pyspark.sql import types as spark

        texts = [spark.StructField(column, spark.StringType()) for column in columns]
        types = spark.StructType([spark.StructField("ms", spark.LongType()), *texts])
        for table, rows in tables.items():
            frame = self.spark.createDataFrame([tuple(row) for row in rows], types)
            frame.selectExpr("timestamp_millis(ms) AS time", *columns).createOrReplaceTempView(table)

    def answers(self, query):
        return [tuple(row) for row in self.spark.sql(query).collect()]

    def again(self, query):
        return {row[0] for row in self.spark.sql(query).collect()}

    def close(self):
        self.spark.stop()


class Snowflake(Table):
    mark = "%s"

    def __init__(self):
        fakesnow = needs(lambda: __import__("fakesnow"))
        connector = needs(lambda: __import__("snowflake.connector").connector)
        self.patch = fakesnow.patch()
        self.patch.__enter__()
        self.connection = connector.connect(database="t", schema="t")

    def ask(self, columns, types, rows, query, before=()):
        # The imitation replaces `$name` in literals, and quotes no names; the engine does not and does.
        if "$" in query or any("'" in column for column in columns):
            return None
        return super().ask(columns, types, rows, query, before)

    def cursor(self):
        return self.connection.cursor()

    def close(self):
        self.patch.__exit__(None, None, None)


class BigQuery:
    # The evaluator has no views.
    views = False

    def __init__(self):
        api = needs(lambda: __import__("zetasql.api").api)
        types = __import__("zetasql.types").types
        language = types.LanguageOptions.maximum_features()
        functions = types.ZetaSQLBuiltinFunctionOptions(language_options=language)
        self.catalog = api.CatalogBuilder("t").with_builtin_functions(functions).build()
        self.options = types.AnalyzerOptions(language_options=language)
        self.prepare = api.PreparedQuery

    def ask(self, columns, types, rows, query, before=()):
        selects = []
        for number, row in enumerate(rows):
            # A name with dots leads into a STRUCT.
            tree = {}
            for name, kind, value in zip(columns, types, row):
                steps = [name] if "" in name.split(".") else name.split(".")
                inner = tree
                for step in steps[:-1]:
                    inner = inner.setdefault(step, {})
                    if not isinstance(inner, dict):
                        return None
                if steps[-1] in inner:
                    return None
                inner[steps[-1]] = self.literal(value, kind)
            values = "".join(f", {part}" for part in self.parts(tree))
            selects.append(f"SELECT {number} AS row_number_{values}")
        text = f"WITH logs AS ({' UNION ALL '.join(selects)}) {query}"
        builder = self.prepare.builder().set_sql(text).set_analyzer_options(self.options)
        with builder.set_catalog(self.catalog).prepare() as prepared:
            table = prepared.execute().content.table_data
            return {row.cell[0].int64_value for row in (table.row if table else [])}

    def parts(self, tree):
        for name, value in tree.items():
            if isinstance(value, dict):
                value = f"STRUCT({', '.join(self.parts(value))})"
            yield f"{value} AS {self.name(name)}"

    @staticmethod
    def name(name):
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

    @staticmethod
    def literal(value, kind):
        if kind == "number":
            return f"CAST({value or 'NULL'} AS INT64)"
        if value is None:
            return "CAST(NULL AS STRING)"
        escaped = "".join(
            character if character.isalnum() and character.isascii() else f"\\U{ord(character):08x}"
            for character in value
        )
        return f"'{escaped}'"

    def close(self):
        pass


class Parser:
    dialect = ""

    def __init__(self):
        self.sqlglot = needs(lambda: __import__("sqlglot"))
        # What it only warns of, a path into JSON that it can't read, is an error here.
        self.warned = []
        handler = logging.Handler()
        handler.emit = lambda record: self.warned.append(record.getMessage())
        logger = logging.getLogger("sqlglot")
        logger.addHandler(handler)
        logger.propagate = False

    def ask(self, columns, types, rows, query, before=()):
        for statement in [*before, query]:
            self.again(statement)

    def tables(self, tables, columns):
        pass

    def answers(self, query):
        self.again(query)

    def again(self, query):
        self.warned.clear()
        self.sqlglot.parse_one(query, dialect=self.dialect, error_level=self.sqlglot.ErrorLevel.RAISE)
        if self.warned:
            raise ValueError(self.warned[0])

    def close(self):
        pass


class Trino(Parser):
    dialect = "trino"


class TSql(Parser):
    dialect = "tsql"


class BigQueryParser(Parser):
    dialect = "bigquery"


class SnowflakeParser(Parser):
    dialect = "snowflake"


ENGINES = {
    "sqlite": SQLite,
    "duckdb": DuckDb,
    "clickhouse": ClickHouse,
    "datafusion": DataFusion,
    "postgres": Postgres,
    "mysql": MariaDb,
    "spark": Spark,
    "bigquery": BigQuery,
    "snowflake": Snowflake,
    "trino": Trino,
    "tsql": TSql,
}
