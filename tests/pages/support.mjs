// Browser, server and watchfulness shared by the page tests. Against the stand-in server always; also against a running program
// when YANWU_URL names one (with YANWU_USER and YANWU_PASSWORD where it is no demonstration).
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createMock } from '../../pages/mock-server.mjs'

const require = createRequire(new URL('../../pages/package.json', import.meta.url))
const { chromium } = require('playwright-core')
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const REAL = process.env.YANWU_URL?.replace(/\/$/, '') ?? null
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

let browser = null

/** A stand-in server on a free port, or the running program. */
export async function serve(options = {}) {
  if (!existsSync(process.env.YANWU_PAGES ? `${process.env.YANWU_PAGES}/index.html` : fileURLToPath(new URL('../../pages/dist/index.html', import.meta.url)))) {
    throw new Error('pages/dist is missing: run "npm ci && npm run build" in pages/ first')
  }
  const mock = createMock(options)
  const port = await mock.listen(0)
  return { url: `http://127.0.0.1:${port}`, mock, close: () => mock.close() }
}

export async function launch() {
  browser ??= await chromium.launch({ executablePath: process.env.YANWU_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  return browser
}

export async function quit() {
  await browser?.close()
  browser = null
}

/** A page that remembers whatever must not happen: outside requests, policy violations, script errors. */
export async function open(url, { language = 'zh-CN', theme = 'light', context = {} } = {}) {
  const ctx = await (await launch()).newContext({ viewport: { width: 1440, height: 900 }, ...context })
  await ctx.addInitScript(([l, t]) => {
    if (!localStorage.getItem('yanwu.language')) localStorage.setItem('yanwu.language', l)
    if (!localStorage.getItem('yanwu.theme')) localStorage.setItem('yanwu.theme', t)
    window.violations = []
    document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`))
  }, [language, theme])
  const page = await ctx.newPage()
  page.setDefaultTimeout(15_000)
  const faults = []
  page.on('request', (r) => {
    if (!r.url().startsWith(url) && !r.url().startsWith('blob:')) faults.push(`outside request ${r.url()}`)
  })
  page.on('pageerror', (e) => faults.push(`script error ${e.message}`))
  page.on('console', (m) => {
    if (/Content Security Policy|Refused to/.test(m.text())) faults.push(m.text())
    if (m.type() === 'error' && /\[Vue|\[intlify/.test(m.text())) faults.push(m.text())
  })
  return {
    page,
    /** Asserts that nothing forbidden happened, then closes. */
    done: async () => {
      faults.push(...(await page.evaluate(() => window.violations).catch(() => [])))
      await ctx.close()
      assert.deepEqual(faults, [])
    },
  }
}

export async function signIn(page, url, role = 'operator', path = '/watch') {
  await page.goto(`${url}/sign-in`)
  const account = page.locator('.account')
  if (process.env.YANWU_USER && url === REAL) {
    await page.fill('input[name=user]', process.env.YANWU_USER)
    await page.fill('input[name=password]', process.env.YANWU_PASSWORD ?? '')
    await page.click('button[type=submit]')
  } else {
    const installation = await (await fetch(`${url}/api/installation`)).json()
    const user = installation.demo_accounts.find((a) => a.role === role).user
    await account.first().waitFor()
    await page.click(`[data-user="${user}"]`)
  }
  await page.waitForURL(/\/watch/)
  if (path !== '/watch') await page.goto(url + path)
}

export async function axe(page) {
  await page.evaluate(AXE) // the content policy refuses a script element
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
  return result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`).join(' | ')}`)
}

export const noSidewaysScroll = async (page, what) => {
  const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }))
  assert.ok(wide <= width, `${what} is ${wide} px wide on a screen of ${width}`)
}
