import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** A real browser on this machine, or null; scripts/setup.mjs installs one where it may. */
const program =
  ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, name)))
    .find((path) => existsSync(path)) ?? null;
export const hasBrowser = program !== null;

export function openBrowser(): Promise<Browser> {
  // Root has no sandbox, and the machines that tests run on have little shared memory.
  return chromium.launch({ executablePath: program as string, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page that is open, and all that it did besides being shown. */
export interface OpenPage {
  page: Page;
  /** Messages on the console, errors, and requests for anything but the file itself. */
  faults: string[];
}

export async function openFile(
  browser: Browser,
  path: string,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const faults: string[] = [];
  const { href } = pathToFileURL(path);
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== href) faults.push(`request: ${request.url()}`);
  });
  await page.goto(href);
  return { page, faults };
}

/** What axe-core finds wrong with the page, in one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run()')) as {
    violations: { id: string; help: string; nodes: { html: string }[] }[];
  };
  return results.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`);
}
