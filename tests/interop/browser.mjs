// A user at a real browser: browser.mjs CHROMIUM URL [--deny]
// Opens the URL in headless Chromium, signs in as alice and consents (or not) on whatever pages come, and ends at a page
// that asks nothing. Prints {"titles", "url", "text"}: of the pages, and of the last one. Nothing but loopback is reached.
import { chromium } from 'playwright-core';

const [executablePath, url, ...flags] = process.argv.slice(2);
const decision = flags.includes('--deny') ? 'deny' : 'allow';
const choices = [`button[name=decision][value=${decision}]`, 'button[name=user][value=alice]', 'button.login-submit'];

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
try {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.route('**', (route) =>
    new URL(route.request().url()).hostname === '127.0.0.1' ? route.continue() : route.abort(),
  );
  await page.goto(url);
  const titles = [await page.title()];
  for (let pages = 0; pages < 8; pages += 1) {
    for (const name of ['login', 'password']) {
      const field = page.locator(`input[name=${name}]`);
      if (await field.count()) await field.fill('alice');
    }
    const offered = choices.map((choice) => page.locator(choice).first());
    const found = await Promise.all(offered.map((button) => button.count()));
    const button = offered[found.findIndex((count) => count > 0)];
    if (!button) break;
    await Promise.all([page.waitForNavigation(), button.click()]);
    titles.push(await page.title());
  }
  console.log(JSON.stringify({ titles, url: page.url().split('?')[0], text: await page.innerText('body') }));
} finally {
  await browser.close();
}
