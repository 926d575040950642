import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PHONE, noSidewaysScroll, open, quit, serve, signIn } from './support.mjs'

let server
before(async () => (server = await serve({ pace: 100_000 })))
after(async () => {
  server.close()
  await quit()
})

test('the watch shows rows by state, counts and the map', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url)
  await page.locator('[data-outlet]').first().waitFor()
  const counts = await page.locator('.counts b').allInnerTexts()
  assert.equal(counts.map(Number).reduce((a, b) => a + b), 60)
  const states = await page.locator('[data-outlet] .state').evaluateAll((els) => els.map((e) => /\b(over|attention|none|ok)\b/.exec(e.className)[1]))
  assert.equal(states[0], 'over')
  assert.ok(states.lastIndexOf('over') < states.indexOf('attention') && !states.slice(0, states.indexOf('attention')).includes('ok'), 'ordinary rows stand below those that want attention')
  await page.locator('.map .holder canvas').first().waitFor({ state: 'attached' })
  assert.match(await page.innerText('.map .legend'), /未加载地图/)
  // only what is in view stands in the document
  await page.click('[data-state=attention]')
  await page.waitForURL(/state=attention/)
  assert.equal(await page.locator('[data-outlet] .state:not(.attention)').count(), 0)
  assert.equal(await page.locator('[data-outlet] .state.attention').count() > 0, true)
  await done()
})

test('an arriving packet patches its row and comes first in the stream, without reloading', async () => {
  const { page, done } = await open(server.url)
  let loads = 0
  page.on('request', (r) => (loads += Number(/\/api\/watch/.test(r.url()))))
  await signIn(page, server.url)
  await page.locator('[data-outlet="2"]').waitFor()
  await page.click('[data-duty=arrivals]')
  await page.waitForTimeout(600)
  const before = loads
  const first = page.locator('.arrivals li').first()
  server.mock.emit(2)
  await page.waitForFunction(() => /青岚热电 DA002/.test(document.querySelector('.arrivals li')?.textContent ?? '') && /实时/.test(document.querySelector('.arrivals li')?.textContent ?? ''))
  assert.match(await first.innerText(), /^.*DA002/s)
  assert.equal(loads, before)
  await done()
})

test('keys move through the rows, open one and come back', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url)
  await page.locator('[data-outlet]').first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  const chosen = await page.locator('[data-outlet].chosen').getAttribute('data-outlet')
  assert.equal(chosen, await page.locator('[data-outlet]').nth(1).getAttribute('data-outlet'))
  await page.keyboard.press('Enter')
  await page.waitForURL(new RegExp(`/outlets/${chosen}$`))
  await page.locator('[data-testid=plot]').waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL(/\/watch\?sel=/)
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.keyboard.press('/')
  await page.keyboard.type('DW002')
  await page.locator('#hits li').first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/outlets\/\d+$/)
  await done()
})

test('clicking the map chooses the outlet under the pointer, with a card', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url)
  await page.goto(`${server.url}/watch?sel=1`)
  const card = page.locator('.map .card.chosen')
  await card.waitFor()
  assert.match(await card.innerText(), /青岚热电 DA001/)
  await card.click()
  await page.waitForURL(/outlets\/1$/)
  await done()
})

test('on a phone the list fills the screen, rows open, nothing scrolls sideways', async () => {
  const { page, done } = await open(server.url, { context: PHONE })
  await signIn(page, server.url)
  await page.locator('[data-outlet]').first().waitFor()
  await noSidewaysScroll(page, 'watch')
  assert.ok((await page.locator('[data-outlet]').first().boundingBox()).height >= 48)
  await page.locator('[data-outlet]').first().tap()
  await page.waitForURL(/outlets\/\d+/)
  await page.locator('[data-testid=plot]').waitFor()
  await noSidewaysScroll(page, 'outlet')
  await done()
})

test('a lost connection is told in the ink bar and heals by itself', async () => {
  const own = await serve({ pace: 100_000 })
  const { page, done } = await open(own.url)
  await signIn(page, own.url)
  await page.locator('[data-outlet]').first().waitFor()
  own.mock.cut()
  await page.locator('.offline').waitFor()
  assert.match(await page.innerText('.offline'), /连接中断/)
  await page.locator('.offline').waitFor({ state: 'detached' })
  await done()
  own.close()
})
