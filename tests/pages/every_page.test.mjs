// What holds for every page: nothing from outside, the content policy kept, accessible, complete in English, fit for a phone and for paper.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PHONE, axe, noSidewaysScroll, open, quit, serve, signIn } from './support.mjs'

const HOUR = 3_600_000
let server
before(async () => (server = await serve({ latin: true })))
after(async () => {
  server.close()
  await quit()
})
const at = () => Math.floor((server.mock.start - 5 * HOUR) / HOUR) * HOUR
const PAGES = () => ['/watch?sel=2', '/notices/1', '/outlets/2?tab=judged', '/outlets/2?tab=judged&view=verdicts', '/outlets/2?tab=marks&mark=10', '/outlets/2?tab=operation', '/enterprises', '/enterprises/1', '/enterprises/import', '/outlets', `/outlets/1?at=${at()}&factor=a21002`, '/outlets/1?tab=packets', '/outlets/1?tab=filing', '/outlets/1?tab=gaps&kind=minute', '/outlets/1?tab=room', '/outlets/1?tab=filings', '/reports?period=month', '/reports/outlets/2?period=day', '/rules', '/rules?show=limits', '/outlets/1?tab=commands', '/packets/acts/4711', '/devices/1', '/system', '/system/devices', '/system/targets?target=2', '/system/policies', '/system/users', '/nowhere']

/** Those who deal with alarms: officers. */
const DUTY = () => ['/watch', '/watch/alarms', '/watch/log', '/watch/handover', '/watch/wall', '/notices/1', `/outlets/2?at=${Math.floor(server.mock.start / HOUR) * HOUR - HOUR}&factor=a21002`]

const arrive = async (page, path) => {
  await page.goto(server.url + path)
  await page.waitForLoadState('load')
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'))
  await page.waitForTimeout(500)
}

for (const theme of ['light', 'dark']) {
  test(`every page is accessible, ${theme}`, async () => {
    const { page, done } = await open(server.url, { theme })
    await page.goto(`${server.url}/sign-in`)
    await page.locator('.account').first().waitFor()
    const faults = (await axe(page)).map((f) => `/sign-in ${f}`)
    await signIn(page, server.url)
    for (const path of PAGES()) {
      await arrive(page, path)
      faults.push(...(await axe(page)).map((f) => `${path} ${f}`))
    }
    assert.deepEqual(faults, [])
    await done()
  })
}

for (const theme of ['light', 'dark']) {
  test(`every page of the duty officer is accessible and fits a phone, ${theme}`, async () => {
    for (const context of [{}, PHONE]) {
      const { page, done } = await open(server.url, { theme, context })
      await signIn(page, server.url, 'officer')
      const faults = []
      for (const path of DUTY()) {
        await arrive(page, path)
        faults.push(...(await axe(page)).map((f) => `${path} ${f}`))
        if (context === PHONE) await noSidewaysScroll(page, path)
      }
      assert.deepEqual(faults, [])
      await done()
    }
  })
}

test('no Chinese is left in English pages, and the choice is kept', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url)
  await page.click('.who')
  await page.getByRole('button', { name: 'English' }).click()
  await page.locator('.rail').getByText('Watch').waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
  const chinese = () =>
    page.evaluate(() => {
      const found = []
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (walk.nextNode()) if (/[\u4e00-\u9fff]/.test(walk.currentNode.textContent) && walk.currentNode.textContent.trim() !== '中文') found.push(walk.currentNode.textContent.trim())
      for (const el of document.querySelectorAll('[title],[aria-label],[placeholder]')) {
        for (const name of ['title', 'aria-label', 'placeholder']) if (/[\u4e00-\u9fff]/.test(el.getAttribute(name) ?? '')) found.push(`${name}=${el.getAttribute(name)}`)
      }
      return [...found, ...(/[\u4e00-\u9fff]/.test(document.title) ? [document.title] : [])]
    })
  const left = []
  for (const path of PAGES()) {
    await arrive(page, path)
    left.push(...(await chinese()).map((text) => `${path}: ${text}`))
  }
  assert.deepEqual(left, [])
  await done()
})

for (const language of ['zh-CN', 'en']) test(`no page scrolls sideways on a phone, and what is touched is large enough, ${language}`, async () => {
  const { page, done } = await open(server.url, { language, context: PHONE })
  await signIn(page, server.url)
  for (const path of PAGES()) {
    await arrive(page, path)
    await noSidewaysScroll(page, path)
    for (const box of await page.locator('.phonebar a').evaluateAll((els) => els.map((e) => e.getBoundingClientRect().height))) assert.ok(box >= 44, path)
  }
  await done()
})

test('every page and every print bears the notice of a demonstration', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url)
  for (const path of PAGES()) {
    await arrive(page, path)
    assert.match(await page.innerText('.topbar'), /演示数据，非官方统计/, path)
    await page.emulateMedia({ media: 'print' })
    assert.ok(await page.locator('.print-head').isVisible(), path)
    assert.match(await page.innerText('.print-head'), /演示数据，非官方统计.*打印/s, path)
    assert.ok(!(await page.locator('.topbar').isVisible()), path)
    await page.emulateMedia({ media: 'screen' })
  }
  await done()
})

test('the first page is light', async () => {
  const { page, done } = await open(server.url)
  let bytes = 0
  page.on('response', async (r) => {
    if (/\.(js|css|html)$/.test(new URL(r.url()).pathname)) bytes += (await r.body().catch(() => Buffer.alloc(0))).length
  })
  await page.goto(`${server.url}/sign-in`)
  await page.locator('.account').first().waitFor()
  await page.waitForTimeout(300)
  assert.ok(bytes > 0 && bytes < 400_000, `${bytes} bytes before compression`)
  await done()
})
