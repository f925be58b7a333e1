#!/bin/sh
# Rebuilds flamegraph.min.js and LICENSES.txt from the versions that package.json and package-lock.json pin.
# Needs node 20 or later with npm. To take a newer release: edit package.json, run this script, review the diff.
set -eu
cd "$(dirname "$0")"

# The lock file keeps integrity hashes only, so that it holds wherever the packages come from.
npm install --omit-lockfile-registry-resolved --no-audit --no-fund --silent

# The library imports its style sheet, which carries fixed colours; the page has its own (flame.css).
npx esbuild entry.js --bundle --minify --format=esm --target=es2022 --loader:.css=empty --metafile=meta.json \
    --legal-comments=none --log-level=warning --outfile=flamegraph.min.js

# Every package of which code went into the bundle, with its licence as shipped.
node --input-type=module -e '
import { readFileSync, writeFileSync } from "node:fs";
const inputs = Object.keys(JSON.parse(readFileSync("meta.json")).inputs);
const names = [...new Set(inputs.flatMap((path) => path.match(/node_modules\/([^/]+)\//)?.[1] ?? []))].sort();
const text = names.map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const body = readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim();
  return `${name} ${version} (${license})\n\n${body}\n`;
}).join("\n" + "-".repeat(80) + "\n\n");
writeFileSync("LICENSES.txt", text);
'
rm -rf node_modules meta.json
ls -l flamegraph.min.js LICENSES.txt
