// Sends one message by nodemailer: send.cjs NODEMAILER HOST PORT FROM TO[,TO] < message. Prints the refused recipients.
const fs = require("node:fs");
const [nodemailer, host, port, from, to] = process.argv.slice(2);
const transport = require(nodemailer).createTransport({ host, port: Number(port), secure: false, ignoreTLS: true });
transport
  .sendMail({ envelope: { from, to: to.split(",") }, raw: fs.readFileSync(0) })
  .then((info) => console.log(info.rejected.join("\n")), (error) => { console.error(error); process.exit(1); });
