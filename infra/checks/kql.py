"""Runs the KQL queries of the alerts over log lines of the handler.

usage: kql.py <folder of .kql files> <cases.json>

Each case has the name of a query, the rows of the tables (with their age in minutes), and the expected
number of rows or figure. Prints a line for each case with another result.
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
            # In the log a line of the handler is JSON without whitespace.
            values = [json.dumps(v, separators=(",", ":")) if isinstance(v, dict) else v for v in map(row.get, columns)]
            placeholders = ", ".join("?" * (len(values) + 1))
            for _ in range(row.get("times", 1)):
                db.execute(f"INSERT INTO {table} VALUES ({placeholders})", [now - datetime.timedelta(minutes=row["ago"]), *values])
    return db


def complaint(folder, case):
    """Returns the difference from the expected result, or None."""
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
