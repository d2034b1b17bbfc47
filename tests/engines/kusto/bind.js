// Microsoft's parser and binder of Kusto, asked of many queries.
//
// In: a line of JSON for each, {"query": "T | where …", "tables": {"T": {"a": "string"}}}. Where a table
// has no columns (null), the names that the binder does not know are given to it as strings, and it is
// asked again. Where a line has no tables, they are those of the file TABLES. Out: a line for each, {"problems": ["KS106 …"], "columns": ["a"], "depth": 12}.

const fs = require("fs");
const path = require("path");
const vm = require("vm");

const folder = path.join(process.env.NODE_PATH, "@kusto", "language-service-next");
for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    vm.runInThisContext(fs.readFileSync(path.join(folder, file), "utf8"), file);
}
const { KustoCode, GlobalState, Symbols } = Kusto.Language;

function quoted(name) {
    const escape = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r" };
    return "['" + name.replace(/[\\'\n\t\r]/g, (sign) => escape[sign]) + "']";
}

// A symbol of its own for each table: names are given as text, but types by that of a literal list.
function table(name, columns) {
    const list = Object.entries(columns).map(([column, type]) => quoted(column) + ":" + type);
    return Symbols.TableSymbol.From("(" + list.join(", ") + ")").WithName(name);
}

function globals(tables) {
    const symbols = Object.entries(tables).map(([name, columns]) => table(name, columns || {}));
    return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1("db", symbols));
}

const given = process.env.TABLES && JSON.parse(fs.readFileSync(process.env.TABLES, "utf8"));
const all = given && globals(given);

function diagnostics(query, tables) {
    const code = KustoCode.ParseAndAnalyze(query, tables === given ? all : globals(tables));
    const list = code.GetDiagnostics();
    const found = [];
    for (let at = 0; at < list.Count; at++) {
        const one = list.getItem(at);
        const text = query.substr(one.Start, one.Length);
        found.push({ code: one.Code, severity: one.Severity, message: one.Message, text });
    }
    return { found, depth: code.MaxDepth };
}

// The name that a bracket or a bare word stands for.
function named(text) {
    const inside = /^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]$/s.exec(text);
    if (!inside) return text;
    const signs = { n: "\n", t: "\t", r: "\r" };
    return (inside[1] ?? inside[2]).replace(/\\(.)/gs, (_, sign) => signs[sign] || sign);
}

function answer({ query, tables = given }) {
    const known = tables === given ? given : { ...tables };
    let { found, depth } = diagnostics(query, known);
    const columns = new Set();
    for (let round = 0; round < 3; round++) {
        const unknown = (one) => one.code === "KS142" || (one.code === "KS117" && one.text.startsWith("["));
        const missing = found.filter(unknown).map((one) => named(one.text));
        const open = Object.keys(known).filter((name) => tables[name] === null);
        if (!missing.length || !open.length) break;
        for (const name of missing) columns.add(name);
        for (const name of open) {
            known[name] = Object.fromEntries([...columns].map((column) => [column, "string"]));
        }
        ({ found, depth } = diagnostics(query, known));
    }
    const bad = found.filter((one) => one.severity === "Error" || one.severity === "Warning");
    const problems = bad.map((one) => `${one.code} ${one.message} (${one.text.slice(0, 80)})`);
    return { problems, columns: [...columns], depth };
}

const lines = fs.readFileSync(0, "utf8").split("\n");
for (const line of lines) if (line) process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
