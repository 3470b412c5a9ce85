// Prints, as JSON, what axe-core finds in each page given, at the narrowest, phone and desktop widths, light and dark,
// with everything folded opened too. Usage: node axe.mjs CHROMIUM PAGE…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [, , executablePath, ...pages] = process.argv;
const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath, args: [...quiet, ...sandbox] });
const found = [];
const views = [320, 390, 1280].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ width, colorScheme })));
for (const page of pages) {
  await Promise.all(views.map(async ({ width, colorScheme }) => {
    const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await tab.goto(`file://${page}`);
    await tab.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    await tab.evaluate(source);
    const { violations } = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const wider = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) violations.push({ id: "wider-than-the-screen", help: `by ${wider} px`, nodes: [] });
    found.push(...violations.map(({ id, help, nodes }) =>
      ({ page, width, colorScheme, id, help, nodes: nodes.slice(0, 3).map((node) => node.html.slice(0, 200)) })));
    await tab.close();
  }));
}
await browser.close();
console.log(JSON.stringify(found, null, 1));
