// Reads manifests as YAML from standard input, and prints what they are and what is wrong with them: { documents, problems }.
// node manifests.mjs NODE_MODULES < manifests.yaml
// Two judges: the types of each kind, by the TypeScript compiler, which knows every field; and its schema, which knows what values may be.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const modules = path.resolve(process.argv[2]);
const require = createRequire(path.join(modules, "here.js"));
const ts = require("typescript");
const yaml = require("yaml");

const problems = [];
const documents = yaml.parseAllDocuments(fs.readFileSync(0, "utf8")).flatMap((document) => {
  problems.push(...document.errors.map((error) => error.message));
  return document.toJS() ?? [];
});

// apps/v1 -> kubernetes-models/apps/v1; the custom resources are in packages of their own.
const owners = { "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/", "gateway.networking.k8s.io": "@kubernetes-models/gateway-api/" };
const moduleOf = ({ apiVersion, kind }) => `${owners[apiVersion.split("/")[0]] ?? "kubernetes-models/"}${apiVersion}/${kind}`;
const nameOf = ({ kind, metadata }) => `${kind} ${metadata?.name}`;

const folder = fs.mkdtempSync(path.join(modules, "..", "manifests-"));
try {
  const sources = [];
  for (const [index, document] of documents.entries()) {
    const from = moduleOf(document);
    if (!fs.existsSync(path.join(modules, from + ".d.ts"))) {
      problems.push(`${nameOf(document)}: there is no ${document.apiVersion} ${document.kind}`);
      continue;
    }
    const file = path.join(folder, `m${index}.ts`);
    const text = JSON.stringify(document, null, 1);
    fs.writeFileSync(file, `import type { I${document.kind} } from "${from}";\nexport const it: I${document.kind} = ${text};\n`);
    sources.push([file, document]);
    const { [document.kind]: Model } = await import(pathToFileURL(path.join(modules, from + ".js")).href);
    try {
      new Model(document).validate();
    } catch (e) {
      problems.push(`${nameOf(document)}: ${e.message}`);
    }
  }
  const program = ts.createProgram(sources.map(([file]) => file), {
    noEmit: true, strict: true, skipLibCheck: true, exactOptionalPropertyTypes: false, types: [],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022,
  });
  for (const [file, document] of sources) {
    const source = program.getSourceFile(file);
    for (const found of [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]) {
      problems.push(`${nameOf(document)}: ${ts.flattenDiagnosticMessageText(found.messageText, " ")}`);
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
process.stdout.write(JSON.stringify({ documents, problems }));
