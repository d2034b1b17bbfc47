// Starts the Chromium of this machine. Playwright speaks to it over its port: what Playwright starts a
// browser with is made for builds of its own.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PROGRAM = process.env.CHROMIUM ?? "chromium";

export async function start() {
  const profile = await mkdtemp(join(tmpdir(), "varsigma-chromium-"));
  const child = spawn(
    PROGRAM,
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--hide-scrollbars",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const address = await new Promise((resolve, reject) => {
    let said = "";
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${PROGRAM} ended with ${code}: ${said}`)));
    child.stderr.on("data", (bytes) => {
      said += bytes;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]);
    });
  });
  const browser = await connected(address);
  const stop = async () => {
    await browser.close().catch(() => {});
    try {
      child.kill();
    } catch {
      // It ended by itself.
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { browser, stop };
}

/** A browser that is still starting, on a machine with much to do, may never answer the first call. */
async function connected(address) {
  for (let tries = 1; ; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * tries));
    try {
      return await chromium.connectOverCDP(address, { timeout: 8000 });
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}
