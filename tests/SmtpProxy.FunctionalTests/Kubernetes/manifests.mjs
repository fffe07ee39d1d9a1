// Reads manifests as YAML, each request as a string of JSON on a line of standard input, and answers a line each: what they are and what is
// wrong with them, { documents, problems }.
// node manifests.mjs NODE_MODULES
// Two judges: the types of each kind, by the TypeScript compiler, which knows every field; and its schema, which knows what values may be.
// Loading the compiler and what it reads takes most of the time, so one process judges all.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const modules = path.resolve(process.argv[2]);
const require = createRequire(path.join(modules, "here.js"));
const ts = require("typescript");
const yaml = require("yaml");

// apps/v1 -> kubernetes-models/apps/v1; the custom resources are in packages of their own.
const owners = { "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/", "gateway.networking.k8s.io": "@kubernetes-models/gateway-api/" };
const moduleOf = ({ apiVersion, kind }) => `${owners[apiVersion.split("/")[0]] ?? "kubernetes-models/"}${apiVersion}/${kind}`;
const nameOf = ({ kind, metadata }) => `${kind} ${metadata?.name}`;

const options = {
  noEmit: true, strict: true, skipLibCheck: true, exactOptionalPropertyTypes: false, types: [],
  module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022,
};
// Where the compiler looks for what it reads: beside the packages.
const folder = fs.mkdtempSync(path.join(modules, "..", "manifests-"));
const host = ts.createCompilerHost(options);
const read = host.getSourceFile;
const sourcesRead = new Map();
host.getSourceFile = (name, ...more) => {
  if (name.startsWith(folder)) {
    return read(name, ...more);
  }
  if (!sourcesRead.has(name)) {
    sourcesRead.set(name, read(name, ...more));
  }
  return sourcesRead.get(name);
};

async function judge(text) {
  const problems = [];
  const documents = yaml.parseAllDocuments(text).flatMap((document) => {
    problems.push(...document.errors.map((error) => error.message));
    return document.toJS() ?? [];
  });
  const sources = [];
  for (const [index, document] of documents.entries()) {
    const from = moduleOf(document);
    if (!fs.existsSync(path.join(modules, from + ".d.ts"))) {
      problems.push(`${nameOf(document)}: there is no ${document.apiVersion} ${document.kind}`);
      continue;
    }
    const file = path.join(folder, `m${index}.ts`);
    fs.writeFileSync(file,
      `import type { I${document.kind} } from "${from}";\nexport const it: I${document.kind} = ${JSON.stringify(document, null, 1)};\n`);
    sources.push([file, document]);
    const { [document.kind]: Model } = await import(pathToFileURL(path.join(modules, from + ".js")).href);
    try {
      new Model(document).validate();
    } catch (e) {
      problems.push(`${nameOf(document)}: ${e.message}`);
    }
  }
  const program = ts.createProgram(sources.map(([file]) => file), options, host);
  for (const [file, document] of sources) {
    const source = program.getSourceFile(file);
    for (const found of [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]) {
      problems.push(`${nameOf(document)}: ${ts.flattenDiagnosticMessageText(found.messageText, " ")}`);
    }
  }
  return { documents, problems };
}

try {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await judge(JSON.parse(line)))}\n`);
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
