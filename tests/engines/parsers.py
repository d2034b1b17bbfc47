"""SQL dialects without an engine that can be had: their queries are parsed."""

import logging

from table import needs


class Parser:
    how = "parsed"
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

    def by(self):
        return f"sqlglot {self.sqlglot.__version__}"

    def close(self):
        pass


class TSql(Parser):
    dialect = "tsql"


class BigQueryParser(Parser):
    dialect = "bigquery"


class SnowflakeParser(Parser):
    dialect = "snowflake"
