// Fill static/vendor anew: copy what package.json lists under "assets" from node_modules, bundle
// what it lists under "bundles", and draw the outline of the land.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { landPicture } from "./land_map.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "static", "vendor");
const { assets, bundles } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));

await rm(vendor, { recursive: true, force: true });
for (const [target, source] of Object.entries(assets)) {
  const path = join(vendor, target);
  await mkdir(dirname(path), { recursive: true });
  await cp(join(here, "node_modules", source), path);
}
for (const [target, source] of Object.entries(bundles)) {
  await build({
    entryPoints: [join(here, source)],
    outfile: join(vendor, target),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "inline",
    logLevel: "warning",
  });
}
const atlas = join(here, "node_modules", "world-atlas", "land-110m.json");
await mkdir(join(vendor, "map"), { recursive: true });
await writeFile(join(vendor, "map", "land.svg"), landPicture(JSON.parse(await readFile(atlas, "utf8"))));
await writeFile(join(vendor, ".ready"), "");
