// What Kibana's own parser makes of KQL.
//
// Input: a JSON text a line. Output: an Elasticsearch query as JSON, or `error: …`.
const { fromKueryExpression, toElasticsearchQuery } = require("@cybernetex/kbn-es-query");

// Since 7.12 the parser has `a or b or c` as one chain; this one has a chain inside of the other.
function flat(node) {
  if (node.type !== "function") return node;
  const found = [];
  const chain = node.function === "or" || node.function === "and";
  for (let rest = node; rest; ) {
    const [first, second] = rest.arguments;
    const longer = chain && second.type === "function" && second.function === node.function;
    found.push(...(longer ? [first] : rest.arguments).map(flat));
    rest = longer ? second : null;
  }
  return { ...node, arguments: found };
}

for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line)) {
  try {
    console.log(JSON.stringify(toElasticsearchQuery(flat(fromKueryExpression(JSON.parse(line))), null)));
  } catch (error) {
    console.log("error: " + String(error.message).replace(/\s+/g, " "));
  }
}
