// Reads queries of Loki, one a line, and prints those that are none, by the grammar that Grafana itself uses.
// node logql.mjs NODE_MODULES < queries
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const { parser } = createRequire(path.join(path.resolve(process.argv[2]), "here.js"))("@grafana/lezer-logql");
for (const query of fs.readFileSync(0, "utf8").split("\n").filter((line) => line !== "")) {
  let isGood = true;
  parser.parse(query).iterate({ enter: (node) => { isGood = isGood && !node.type.isError; } });
  if (!isGood) {
    process.stdout.write(`${query}\n`);
  }
}
