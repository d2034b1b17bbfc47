// Parses the KQL queries of standard input, a JSON text a line. Prints `ok` or `error: …` for each.
const { fromKueryExpression } = require("@cybernetex/kbn-es-query");
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line);
for (const line of lines) {
  try {
    fromKueryExpression(JSON.parse(line));
    console.log("ok");
  } catch (error) {
    console.log("error: " + String(error.message).replace(/\s+/g, " "));
  }
}
