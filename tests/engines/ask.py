"""SQL engines, each asked in its own way: a table is made, filled and queried."""

from importlib.metadata import version

from parsers import TSql
from servers import MariaDb, Postgres, Trino
from table import Table, back, instant, is_list, needs, values


class SQLite(Table):
    types = {"text": "TEXT", "time": "TEXT"}

    def __init__(self):
        sqlite3 = needs(lambda: __import__("sqlite3"))
        self.connection = sqlite3.connect(":memory:")
        self.connection.create_function("regexp", 2, lambda pattern, text: None if text is None else bool(__import__("re").search(pattern, text)))

    def cursor(self):
        return self.connection.cursor()

    @staticmethod
    def instant(milliseconds):
        return milliseconds and instant(milliseconds, "Z").replace(" ", "T")

    def by(self):
        return f"SQLite {__import__('sqlite3').sqlite_version}"


class DuckDb(Table):
    def __init__(self):
        duckdb = needs(lambda: __import__("duckdb"))
        self.connection = duckdb.connect()

    @staticmethod
    def instant(milliseconds):
        # What is finer than a millisecond makes no difference.
        return instant(milliseconds, "999")

    def cursor(self):
        return self.connection

    def by(self):
        return f"DuckDB {version('duckdb')}"


class ClickHouse(Table):
    quote = staticmethod(lambda name: back(name.replace("\\", "\\\\")))
    types = {
        "text": "Nullable(String)",
        "number": "Nullable(Int64)",
        "boolean": "Nullable(Bool)",
        "json": "String",
        "time": "Nullable(DateTime64(3, 'UTC'))",
    }

    def __init__(self):
        chdb = needs(lambda: __import__("chdb.session").session)
        self.session = chdb.Session()

    def ask(self, columns, types, rows, query, before=()):
        import json

        # Lists whose names begin alike are one structure to it, of as many elements each.
        lists = [column.partition(".")[0] for column, kind in zip(columns, types) if is_list(kind) and "." in column]
        if len(set(lists)) < len(lists):
            return None
        typed = zip(columns, types)
        names = "".join(f", {self.quote(column)} {self.type_of(kind)}" for column, kind in typed)
        self.session.query("CREATE DATABASE IF NOT EXISTS t")
        self.session.query("DROP TABLE IF EXISTS t.logs")
        self.session.query(f"CREATE TABLE t.logs (row_number_ Int32{names}) ENGINE = Memory")
        rows = enumerate(values(row, types) for row in rows)
        lines = [json.dumps({"row_number_": number, **dict(zip(columns, row))}) for number, row in rows]
        if lines:
            self.session.query("INSERT INTO t.logs FORMAT JSONEachRow\n" + "\n".join(lines))
        self.session.query("USE t")
        for statement in before:
            self.session.query(statement)
        return self.again(query)

    def type_of(self, kind):
        return f"Array({self.types[kind.removesuffix('[]')]})" if is_list(kind) else self.types[kind]

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

    def by(self):
        return f"ClickHouse {self.answers('SELECT version()')[0][0]}"


class DataFusion:
    how = "run"

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
            # What is finer than a millisecond makes no difference.
            times = [row[0] and row[0] * 1000 + 999 for row in rows]
            data = {"time": pyarrow.array(times, pyarrow.timestamp("us"))}
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

    def by(self):
        return f"DataFusion {version('datafusion')}"

    def close(self):
        pass


class Spark:
    how = "run"

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
        known = {"number": spark.LongType(), "boolean": spark.BooleanType()}
        for column, kind in zip(columns, types):
            inner = known.get(kind.removesuffix("[]"), spark.StringType())
            fields.append(spark.StructField(column, spark.ArrayType(inner) if is_list(kind) else inner))
        plain = lambda value, kind: int(value) if kind == "number" and value else value
        data = [
            (number, *(plain(value, kind) for value, kind in zip(values(row, types), types)))
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

    def by(self):
        return f"Spark {self.spark.version}"

    def close(self):
        self.spark.stop()


class Snowflake(Table):
    # DuckDB, asked in Snowflake's language.
    how = "evaluated"
    mark = "%s"
    # ARRAY_FLATTEN of arrays that are JSON to it.
    joins_lists = False

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

    def by(self):
        return f"fakesnow {version('fakesnow')}"

    def close(self):
        self.patch.__exit__(None, None, None)


class BigQuery:
    # Google's own evaluator of the language.
    how = "evaluated"
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

    @classmethod
    def literal(cls, value, kind):
        if is_list(kind):
            inner = kind.removesuffix("[]")
            elements = __import__("json").loads(value or "[]")
            types = {"number": "INT64", "boolean": "BOOL"}
            return f"ARRAY<{types.get(inner, 'STRING')}>[{', '.join(cls.literal(each, inner) for each in elements)}]"
        if kind == "boolean":
            return f"CAST({'NULL' if value is None else value} AS BOOL)"
        if kind == "number":
            return f"CAST({'NULL' if value in (None, '') else value} AS INT64)"
        if value is None:
            return "CAST(NULL AS STRING)"
        escaped = "".join(
            character if character.isalnum() and character.isascii() else f"\\U{ord(character):08x}"
            for character in value
        )
        return f"'{escaped}'"

    def by(self):
        return f"ZetaSQL {version('zetasql')}"

    def close(self):
        pass


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
