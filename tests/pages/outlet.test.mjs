import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SPIKE, spikeTime } from '../../pages/mock/series.mjs'
import { PHONE, noSidewaysScroll, open, quit, serve, signIn } from './support.mjs'

const DAY = 86_400_000
let server
before(async () => (server = await serve({ pace: 100_000 })))
after(async () => {
  server.close()
  await quit()
})

/** Whether the first pane holds a stroke of the line or the extremes at a time and value; `top` is the top of its scale. */
const drawnAt = (page, fraction, value, top) =>
  page.evaluate(([f, v, t]) => {
    const canvas = document.querySelector('.pane canvas')
    const plot = document.querySelector('[data-testid=plot]').getBoundingClientRect()
    const box = canvas.getBoundingClientRect()
    const ratio = canvas.width / box.width
    const x = Math.round((plot.left - box.left + f * plot.width) * ratio)
    const y = Math.round((4 + (1 - v / t) * (box.height - 12)) * ratio)
    const colours = ['--chart-env', '--chart-line'].map((name) => {
      const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim()
      return [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16))
    })
    const img = canvas.getContext('2d').getImageData(x - 4, y - 3, 9, 8).data
    for (let i = 0; i < img.length; i += 4) if (colours.some((want) => want.every((c, k) => Math.abs(img[i + k] - c) < 40))) return true
    return false
  }, [fraction, value, top])

const settled = async (page) => {
  await page.waitForFunction(() => document.querySelector('.chart')?.getAttribute('aria-busy') === 'false' && document.querySelectorAll('.pane canvas').length > 0)
  await page.waitForTimeout(250)
}

test('a spike of one value stands in a year’s view, stays while zooming in, and opens its packet', async () => {
  const { page, done } = await open(server.url)
  const to = server.mock.start
  const from = to - 365 * DAY
  const spike = spikeTime(server.mock.start)
  await signIn(page, server.url, 'officer', `/outlets/${SPIKE.outlet}?kind=minute&from=${from}&to=${to}`)
  await settled(page)
  const at = (spike - from) / (to - from)
  assert.ok(await drawnAt(page, at, SPIKE.value, 200), 'the spike is drawn in the year')
  assert.ok(!(await drawnAt(page, at + 0.02, SPIKE.value, 200)), 'and nothing beside it at that height')

  // from a year to less than an hour: at every stop the spike is where the pointer was, and is drawn
  const plot = await page.locator('[data-testid=plot]').boundingBox()
  const place = () => {
    const q = new URL(page.url()).searchParams
    const width = Number(q.get('to')) - Number(q.get('from'))
    return { width, at: (spike + 300_000 - Number(q.get('from'))) / width }
  }
  for (let stop = 0; stop < 6; stop++) {
    const before = place()
    await page.mouse.move(plot.x + before.at * plot.width, plot.y + 60)
    for (let i = 0; i < 4; i++) {
      await page.mouse.wheel(0, -200)
      await page.waitForTimeout(20)
    }
    await page.waitForURL((u) => Number(u.searchParams.get('to')) - Number(u.searchParams.get('from')) < before.width / 4)
    await settled(page)
    const after = place()
    assert.ok(Math.abs(after.at - before.at) < 0.01, `zooming keeps what is under the pointer in place (${before.at} ${after.at})`)
    assert.ok(await drawnAt(page, after.at, SPIKE.value, 200) || after.width < 6 * 3_600_000, `the spike is drawn in ${after.width / DAY} days`)
  }
  assert.ok(place().width < 3_600_000)
  await page.mouse.click(plot.x + place().at * plot.width, plot.y + 16)
  await page.locator('[data-testid=big]').waitFor()
  assert.equal(await page.innerText('[data-testid=big]'), '181.5')
  assert.match(await page.innerText('[data-testid=bytes]'), /a21002-Avg=181\.5/)
  assert.match(await page.locator('[data-testid=bytes] .hot').first().innerText(), /a21002-Avg=181\.5/)
  await done()
})

test('a point opens the record and the very packet: values, check sum, 51 bytes a row, hexadecimal, address', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/1')
  await settled(page)
  const plot = await page.locator('[data-testid=plot]').boundingBox()
  await page.mouse.click(plot.x + plot.width * 0.5, plot.y + 50)
  const drawer = page.locator('[data-testid=drawer]')
  await drawer.locator('[data-testid=bytes]').waitFor()
  assert.match(await drawer.innerText(), /CRC [0-9A-F]{4} 正确/)
  assert.match(await drawer.innerText(), /网关 \d/)
  assert.equal(await drawer.locator('.values tbody tr').count(), 6)
  const first = await drawer.locator('[data-testid=bytes] .row').first().innerText()
  assert.equal(first.trim().replace(/^000/, '').length, 51)
  assert.doesNotMatch(await drawer.innerText(), /PW=[^•]/)
  await drawer.getByText('十六进制').click()
  assert.match(await drawer.locator('[data-testid=bytes] .row').first().innerText(), /^000\s*23 23 30/)
  // the state has an address: the same page opens from it
  await page.waitForURL(/at=\d+/)
  const address = page.url()
  const big = await page.innerText('[data-testid=big]')
  await page.goto(`${server.url}/watch`)
  await page.goto(address)
  await page.locator('[data-testid=big]').waitFor()
  assert.equal(await page.innerText('[data-testid=big]'), big)
  await settled(page) // j walks along the line, so the line has to be there
  await page.keyboard.press('j')
  await page.waitForFunction((old) => location.href !== old, address)
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
  await done()
})

test('kind, presets and steps change the window and the address; the year below moves it', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/4')
  await settled(page)
  await page.getByRole('button', { name: '日', exact: true }).click()
  await page.waitForURL(/kind=day/)
  await page.getByRole('button', { name: '昨日' }).click()
  await page.waitForURL(/range=yesterday/)
  await page.keyboard.press('ArrowLeft')
  await page.waitForURL((u) => Number(u.searchParams.get('to')) - Number(u.searchParams.get('from')) === DAY)
  const earlier = Number(new URL(page.url()).searchParams.get('to'))
  const brush = await page.locator('[data-testid=brush]').boundingBox()
  await page.mouse.click(brush.x + brush.width * 0.3, brush.y + 30)
  await page.waitForURL((u) => Number(u.searchParams.get('to')) < earlier - 100 * DAY)
  await done()
})

test('zooming does not reload the page or lose the drawing while data are on their way', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/1?range=month')
  await settled(page)
  let documents = 0
  page.on('request', (r) => (documents += Number(r.resourceType() === 'document')))
  await page.route('**/series*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700))
    await route.continue().catch(() => undefined) // a newer window cancelled it
  })
  const plot = await page.locator('[data-testid=plot]').boundingBox()
  await page.mouse.move(plot.x + plot.width / 2, plot.y + 80)
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -120)
  await page.waitForTimeout(200)
  const inked = await page.evaluate(() => {
    const c = document.querySelector('.pane canvas')
    const d = c.getContext('2d').getImageData(100, 0, c.width - 180, c.height).data
    let dark = 0
    for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200 && d[i] < 90) dark++
    return dark
  })
  assert.ok(inked > 200, 'the old drawing stays')
  assert.equal(documents, 0)
  await settled(page)
  await done()
})

test('records are listed newest first and page on by key', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/1?tab=packets&kind=minute')
  await page.locator('[data-time]').first().waitFor()
  const times = (await page.locator('[data-time]').evaluateAll((els) => els.map((e) => Number(e.dataset.time))))
  assert.deepEqual(times, [...times].sort((a, b) => b - a))
  await page.locator('.virtual').evaluate((el) => (el.scrollTop = el.scrollHeight))
  await page.waitForFunction(() => /已列出 (4|6)00/.test(document.querySelector('.records .panel-foot')?.textContent ?? ''))
  await page.locator('.virtual').evaluate((el) => (el.scrollTop = 0))
  await page.keyboard.press('j')
  await page.locator('[data-testid=bytes]').waitFor()
  await done()
})

test('an outlet that never sent anything says so', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url)
  await page.click('[data-state=none]')
  await page.locator('[data-outlet] .name').first().click()
  await page.waitForURL(/outlets\/\d+$/)
  await page.getByText('这段时间没有数据').waitFor()
  assert.match(await page.innerText('.outlet-head'), /从未收到数据包/)
  await done()
})

test('a failure is told with its code and can be tried again', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer')
  await page.route('**/api/outlets/7', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ error: { code: 'busy', text_zh: '服务器忙，请稍后再试', text_en: 'Busy' } }) }))
  await page.goto(`${server.url}/outlets/7`)
  await page.getByText('服务器忙，请稍后再试').waitFor()
  await page.unroute('**/api/outlets/7')
  await page.getByText('重试').click()
  await page.locator('[data-testid=plot]').waitFor()
  await done()
})

test('on a phone two fingers zoom and a tap opens the record', async () => {
  const { page, done } = await open(server.url, { context: PHONE })
  await signIn(page, server.url, 'officer', '/outlets/1')
  await settled(page)
  const plot = await page.locator('[data-testid=plot]').boundingBox()
  const cdp = await page.context().newCDPSession(page)
  const points = (a, b) => [{ x: plot.x + a, y: plot.y + 60, id: 1 }, { x: plot.x + b, y: plot.y + 60, id: 2 }]
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(140, 180) })
  for (let i = 1; i <= 8; i++) await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(140 - i * 12, 180 + i * 12) })
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await page.waitForURL((u) => Number(u.searchParams.get('to')) - Number(u.searchParams.get('from')) < DAY / 2)
  await settled(page)
  await page.touchscreen.tap(plot.x + plot.width / 2, plot.y + 60)
  await page.locator('[data-testid=bytes]').waitFor()
  await noSidewaysScroll(page, 'outlet with drawer')
  await done()
})
