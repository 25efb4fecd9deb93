/**
 * The page of `coldstart report` in Debian's Chromium: light and dark, on a phone and on paper, for keyboards and screen readers (axe-core).
 * It loads nothing and reports no error. `COLDSTART_PICTURES` names a folder that keeps the pictures for people to look at.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coldstart } from '../../machines/lab.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PICTURES = process.env['COLDSTART_PICTURES'];
const missing = existsSync(CHROMIUM) ? '' : ' (needs the Debian package chromium)';

/** The widths of a screen and of a phone, in CSS pixels. */
const LOOKS = [
  { name: 'light', width: 1280, scheme: 'light' },
  { name: 'dark', width: 1280, scheme: 'dark' },
  { name: 'phone', width: 375, scheme: 'light' },
  { name: 'dark-phone', width: 375, scheme: 'dark' },
] as const;

describe.skipIf(missing !== '')(`the report in Chromium${missing}`, () => {
  let browser: Browser;
  let folder: string;
  const files: Record<string, string> = {};

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    folder = await mkdtemp(join(tmpdir(), 'coldstart-report-'));
    const after = join(folder, 'after');
    await cp(join(ROOT, 'examples/three-masters-ceph'), after, { recursive: true });
    const text = await readFile(join(after, 'cluster.yaml'), 'utf8');
    const edited = text
      .replace('vm.swappiness: 10', 'vm.swappiness: 20')
      .replace('  ceph:\n', '  ceph:\n    dashboard: true\n');
    await writeFile(join(after, 'cluster.yaml'), edited);
    const [small, large] = ['quick-start', 'three-masters-ceph'].map((name) => join(ROOT, 'examples', name)) as [
      string,
      string,
    ];
    for (const [name, ...argv] of [
      ['quick-start', small],
      ['change', large, after],
    ] as const) {
      files[name] = join(folder, `${name}.html`);
      expect((await coldstart(folder, 'report', ...argv, '--out', files[name])).exitCode).toBe(0);
    }
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  /** Opens a page; what it must not do is collected in `faults`. */
  async function opened(file: string, width: number, colorScheme: 'light' | 'dark') {
    // axe-core runs in the page, whose policy forbids scripts to itself.
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
    const faults: string[] = [];
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) faults.push(`request ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    return { page, faults };
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }

  async function violations(page: Page): Promise<string[]> {
    await page.addScriptTag({ path: AXE });
    const results = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
    const found = results.violations.map(({ id, impact, nodes }) => `${impact ?? ''} ${id}: ${nodes[0]?.html ?? ''}`);
    return found.filter((one) => !one.startsWith('minor'));
  }

  describe.each([
    { name: 'quick-start', looks: LOOKS.filter(({ name }) => name === 'light' || name === 'dark-phone') },
    { name: 'change', looks: LOOKS },
  ])('$name', ({ name, looks }) => {
    test.each(looks)('$name: all within the width, nothing loaded, nothing that axe finds', async (look) => {
      const { page, faults } = await opened(files[name] ?? '', look.width, look.scheme);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      await picture(page, `${name}-${look.name}`);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width);
      expect(await violations(page)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    });
  });

  test('the policy of the page lets its style through and nothing else', async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('console', (message) => faults.push(message.text()));
    await page.goto(pathToFileURL(files['change'] ?? '').href);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.effect')).borderRadius")).not.toBe('0px');
    expect(faults).toEqual([]);
    const script = "Object.assign(document.createElement('script'), { textContent: 'document.title = 1' })";
    await page.evaluate(`document.body.append(${script})`);
    expect(await page.title()).toBe('Cluster production');
    expect(faults.join()).toContain('Content Security Policy');
    await page.close();
  });

  test('by keyboard: the first stop leads to the content, and each folded part and wide table can be reached', async () => {
    const { page } = await opened(files['quick-start'] ?? '', 1280, 'light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    const details = page.locator('details:not([open]) > summary').first();
    await details.focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.parentElement.open')).toBe(true);
    expect(
      await page.evaluate("[...document.querySelectorAll('.scroll')].filter((one) => one.tabIndex !== 0).length"),
    ).toBe(0);
    await page.close();
  });

  test('for screen readers: one main, headings without gaps, drawings with a name', async () => {
    const { page } = await opened(files['change'] ?? '', 1280, 'light');
    const tree = await page.locator('body').ariaSnapshot();
    expect(tree).toContain('- img "6 machines in 2 networks; the tables below have the same addresses"');
    expect(tree).toContain('- heading "production" [level=1]');
    for (const landmark of ['banner', 'main', 'contentinfo', 'navigation "Sections"'])
      expect(tree).toContain(`- ${landmark}`);
    const levels = [...tree.matchAll(/heading .*\[level=(\d)\]/g)].map(([, level]) => Number(level));
    expect(levels.filter((level, index) => index > 0 && level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    await page.close();
  });

  test('on paper: light, with the folded parts', async () => {
    const { page, faults } = await opened(files['quick-start'] ?? '', 760, 'dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await picture(page, 'quick-start-paper');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const closed = page.locator('details:not([open])').first();
    expect((await closed.locator('table').boundingBox())?.height ?? 0).toBeGreaterThan(20);
    const pdf = join(folder, 'report.pdf');
    await page.pdf({ path: pdf, format: 'A4' });
    expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-');
    expect((await stat(pdf)).size).toBeGreaterThan(50_000);
    expect(faults).toEqual([]);
    await page.close();
  });
});
