"""Runs the queries of the alerts, in KQL, over lines as the handler writes them.

usage: kql.py <folder of .kql files> <cases.json>

Each case has the name of a query, rows of the tables that it asks (with the time
since they were written, in minutes), and how many rows it must answer, or which
figure. Prints a sentence for each case that comes out otherwise.
"""

import datetime
import json
import pathlib
import sys

import duckdb_kql

TABLES = {
    "AppTraces": ["Message"],
    "AzureDiagnostics": ["ResourceProvider", "OperationName", "ResultType"],
    "SecurityAlert": ["SystemAlertId", "AlertSeverity", "Status"],
    "_LogOperation": ["Category", "Detail"],
}


def load(case):
    """Returns a database with the tables and the rows of a case."""
    db = duckdb_kql.connect()
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    for table, columns in TABLES.items():
        db.sql(f"CREATE TABLE {table} (TimeGenerated TIMESTAMP, {', '.join(c + ' VARCHAR' for c in columns)})")
        for row in case.get(table, []):
            # A line of the handler is an object here, and JSON without blanks in the log.
            values = [json.dumps(v, separators=(",", ":")) if isinstance(v, dict) else v for v in map(row.get, columns)]
            marks = ", ".join("?" * (len(values) + 1))
            for _ in range(row.get("times", 1)):
                db.execute(f"INSERT INTO {table} VALUES ({marks})", [now - datetime.timedelta(minutes=row["ago"]), *values])
    return db


def complaint(folder, case):
    """Returns what is wrong with the answer to a case, or nothing."""
    query = (pathlib.Path(folder) / (case["query"] + ".kql")).read_text()
    answer = duckdb_kql.query(load(case), query)
    rows = [dict(zip(answer.columns, row)) for row in answer.fetchall()]
    if len(rows) != case["rows"]:
        return f"{len(rows)} rows, want {case['rows']}"
    for name, want in case.get("figure", {}).items():
        got = float(rows[0][name])
        if abs(got - want) > 0.1:
            return f"{name} is {got}, want {want}"
    return None


def main():
    folder, cases = sys.argv[1:]
    wrong = 0
    for case in json.loads(pathlib.Path(cases).read_text()):
        found = complaint(folder, case)
        if found:
            wrong += 1
            print(f"{case['query']}, {case['says']}: {found}")
    sys.exit(1 if wrong else 0)


main()
