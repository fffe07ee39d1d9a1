// Prints what a chart makes, as "helm template RELEASE CHART --namespace mail --set-json VALUES" would, by the real engine of Go's templates
// without Helm's own functions: a chart that uses one of these fails here.
// node chart.mjs NODE_MODULES CHART RELEASE VALUES
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, chart, release, changed] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "here.js"));
const yaml = require("yaml");
const { parse } = await import(pathToFileURL(path.resolve(modules, "@evertdespiegeleer/go-template/dist/main.js")).href);

const read = (...names) => fs.readFileSync(path.join(chart, ...names), "utf8");
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const merge = (into, from) => {
  for (const [name, value] of Object.entries(from)) {
    into[name] = isMap(value) && isMap(into[name]) ? merge(into[name], value) : value;
  }
  return into;
};
const data = {
  Values: merge(yaml.parse(read("values.yaml")), JSON.parse(changed)),
  Chart: yaml.parse(read("Chart.yaml")),
  Release: { Name: release, Namespace: "mail", Service: "Helm" },
};
try {
  let all = "";
  for (const name of fs.readdirSync(path.join(chart, "templates")).filter((file) => file.endsWith(".yaml")).sort()) {
    all += `---\n${await parse(read("templates", "_helpers.tpl") + read("templates", name), data)}`;
  }
  // A pipe takes it bit by bit, and the engine would not let the process end by itself.
  process.stdout.write(all, () => process.exit(0));
} catch (e) {
  process.stderr.write(`${e.message ?? e}\n`);
  process.exit(1);
}
