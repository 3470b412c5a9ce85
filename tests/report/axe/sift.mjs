// Prints, as JSON, what a page shows under each fragment given: how many it says, and the titles left standing.
// Usage: node sift.mjs CHROMIUM PAGE FRAGMENT…
import { chromium } from "playwright-core";

const [, , executablePath, page, ...fragments] = process.argv;
const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath, args: [...quiet, ...sandbox] });
const found = [];
for (const fragment of fragments) {
  const tab = await browser.newPage();
  await tab.goto(`file://${page}${fragment}`);
  found.push(await tab.evaluate(() => ({
    said: document.getElementById("filtro").cuantos.value,
    titles: [...document.querySelectorAll("h4[id], h5[id]")].filter((one) => one.checkVisibility()).length,
    hidden: document.querySelectorAll("article[hidden]").length,
  })));
  await tab.close();
}
await browser.close();
console.log(JSON.stringify(found));
