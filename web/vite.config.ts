// How the page is built: into the Python package, with names that change when their contents do, and nothing inline.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const BUILT = "../edgecam/web/static";
const SMALLEST_PACKED = 1000;

export default defineConfig({
  base: "/static/",
  json: { stringify: true },
  plugins: [packed()],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    target: ["es2022", "safari16"],
    // The policy of the page allows no data: pictures, and browsers that need the polyfill are too old for it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: { page: "index.html", sw: "src/sw.ts" },
      output: {
        // The service worker keeps one name: browsers look there for a newer one.
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});

/** A compressed copy beside every script and style, so that the camera need not make one for each visitor. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    async closeBundle() {
      const folder = join(BUILT, "assets");
      for (const name of await readdir(folder)) {
        const plain = await readFile(join(folder, name));
        if (plain.length >= SMALLEST_PACKED) await writeFile(join(folder, `${name}.gz`), gzipSync(plain, { level: 9 }));
      }
    },
  };
}
