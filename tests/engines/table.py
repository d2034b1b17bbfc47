"""A table of an engine that is asked by Python's DB API, and what other engines share with it."""

import datetime
import json
import socket
import subprocess
import sys


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


def is_list(kind):
    return kind.endswith("[]")


def values(row, types):
    """The values of a row: its lists are JSON."""
    return [json.loads(value) if value and is_list(kind) else value for value, kind in zip(row, types)]


class Table:
    """An engine with a cursor of Python's DB API."""

    # What proof.py tells: what is done with a query, and by which engine.
    how = "run"
    quote = staticmethod(double)
    types = {"text": "VARCHAR", "number": "BIGINT", "boolean": "BOOLEAN", "json": "JSON", "time": "TIMESTAMP"}
    mark = "?"

    def ask(self, columns, types, rows, query, before=()):
        """The numbers of the rows that a query finds in a table, behind what comes `before` it."""
        cursor = self.cursor()
        cursor.execute("DROP TABLE IF EXISTS logs")
        typed = zip(columns, types)
        names = ", ".join(f"{self.quote(column)} {self.type_of(kind)}" for column, kind in typed)
        comma = ", " if columns else ""
        cursor.execute(f"CREATE TABLE logs ({self.quote('row_number_')} INTEGER{comma}{names})")
        marks = ", ".join([self.mark] * (len(columns) + 1))
        if rows:
            data = [(number, *values(row, types)) for number, row in enumerate(rows)]
            cursor.executemany(f"INSERT INTO logs VALUES ({marks})", data)
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
                data = [(self.instant(row[0]), *row[1:]) for row in rows]
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", data)

    def type_of(self, kind):
        """The column's type: `VARCHAR`, or `VARCHAR[]` of a list."""
        return self.types[kind.removesuffix("[]")] + kind[kind.find("[]") :] if is_list(kind) else self.types[kind]

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

    def by(self):
        """The engine and its version."""
        raise NotImplementedError

    def close(self):
        pass
