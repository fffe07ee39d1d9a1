// Sends by nodemailer what it is asked for, a JSON object a line; answers each with another: sender.cjs NODEMAILER.
// A name stands for a transport of its own; only a pooled one keeps its connection for the next message.
const nodemailer = require(process.argv[2]);
const transports = new Map();

function transport(ask) {
  if (!transports.has(ask.name)) {
    const limits = ask.limits === null ? {} : { connectionTimeout: 120e3 * ask.limits, greetingTimeout: 30e3 * ask.limits, socketTimeout: 600e3 * ask.limits };
    const tls = ask.tls === "none" ? { ignoreTLS: true } : { requireTLS: ask.tls === "required", tls: { rejectUnauthorized: false } };
    const pool = ask.keep ? { pool: true, maxConnections: 1 } : {};
    transports.set(ask.name, nodemailer.createTransport({ host: ask.host, port: ask.port, secure: false, ...tls, ...limits, ...pool }));
  }
  return transports.get(ask.name);
}

async function answer(ask) {
  let told;
  try {
    const info = await transport(ask).sendMail({ envelope: { from: ask.from, to: ask.to }, raw: ask.message });
    const codes = [...new Set((info.rejectedErrors ?? []).map((error) => error.responseCode))];
    told = { ok: true, told: info.rejected.length === 0 ? "accepted" : `accepted, and returns the refused: ${codes.join(", ")}` };
  } catch (error) {
    told = { ok: false, told: `\`${error.code}\`${error.responseCode ? " " + error.responseCode : ""}` };
  }
  console.log(JSON.stringify({ id: ask.id, ...told }));
}

require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => answer(JSON.parse(line))).on("close", () => process.exit(0));
