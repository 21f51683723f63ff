// node grade.mjs HOST:PORT: what Mozilla's Observatory says of the page served there on loopback, as JSON.
//
// HOST is the name that is asked for; wherever it leads elsewhere, here it leads to 127.0.0.1, and nobody else is asked.

import dns from "node:dns";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const lookup = dns.lookup;
dns.lookup = (host, options, done) => lookup("127.0.0.1", options, done);

// It fetches the list of preloaded hosts when it is installed with scripts; no name below .local stands there.
const preloaded = new URL("../conf/hsts-preload.json", import.meta.resolve("@mdn/mdn-http-observatory"));
if (!existsSync(fileURLToPath(preloaded))) writeFileSync(preloaded, "{}");

const { scan } = await import("@mdn/mdn-http-observatory");
console.log(JSON.stringify(await scan(process.argv[2])));
