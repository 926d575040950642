// The same paths against a running program: YANWU_URL=http://127.0.0.1:8212 node --test tests/pages
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { PHONE, REAL, axe, noSidewaysScroll, open, quit, signIn } from './support.mjs'

const skip = REAL ? false : 'YANWU_URL names no running program'
after(quit)

const drawn = async (page) => {
  await page.locator('.pane canvas').first().waitFor()
  await page.waitForFunction(() => document.querySelector('.chart')?.getAttribute('aria-busy') === 'false')
}

test('watch: rows, counts and arrivals that come by themselves', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'officer')
  await page.locator('[data-outlet]').first().waitFor()
  const shown = (await page.locator('.counts b').allInnerTexts()).reduce((sum, text) => sum + Number(text.replace(/\s/g, '')), 0)
  assert.ok(shown > 0)
  const head = () => page.evaluate(() => document.querySelector('.arrivals li')?.textContent ?? '')
  const before = await head()
  await page.waitForFunction((old) => {
    const now = document.querySelector('.arrivals li')?.textContent ?? ''
    return now !== old && /实时|分钟|小时|日/.test(now)
  }, before, { timeout: 60_000 })
  assert.deepEqual(await axe(page), [])
  await done()
})

test('outlet: from the line to the record to the bytes, whose check sum holds and which hold the value', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'officer')
  await page.click('[data-state=ok]')
  await page.locator('[data-outlet]').first().locator('.name').click()
  await drawn(page)
  await page.getByRole('button', { name: '分钟', exact: true }).click()
  await page.waitForURL(/kind=minute/)
  await drawn(page)
  await page.waitForTimeout(600)
  const plot = await page.locator('[data-testid=plot]').boundingBox()
  await page.mouse.click(plot.x + plot.width * 0.93, plot.y + 40)
  await page.locator('[data-testid=bytes]').waitFor()
  const big = await page.innerText('[data-testid=big]')
  assert.match(await page.locator('[data-testid=bytes] .hot').allInnerTexts().then((t) => t.join('')), new RegExp(`=${big.replace('.', '\\.')}`))
  assert.match(await page.innerText('[data-testid=drawer]'), /CRC [0-9A-F]{4} 正确/)
  assert.doesNotMatch(await page.innerText('[data-testid=bytes]'), /PW=[^•]/)
  assert.deepEqual(await axe(page), [])
  for (const kind of ['实时', '小时 + 分钟', '日']) {
    await page.getByRole('button', { name: kind, exact: true }).click()
    await drawn(page)
  }
  await page.getByRole('button', { name: '数据包' }).click()
  await page.locator('[data-time]').first().waitFor()
  await page.getByRole('button', { name: '备案' }).click()
  await page.getByText('许可浓度限值').waitFor()
  await done()
})

test('enterprise: list, file, outlet', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'officer', '/enterprises')
  await page.locator('.virtual .row a').first().click()
  await page.waitForURL(/enterprises\/\d+/)
  await page.locator('tbody a').first().click()
  await page.waitForURL(/outlets\/\d+/)
  await drawn(page)
  await done()
})

test('operator: health, devices, users; the search finds an outlet', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'operator', '/system')
  await page.locator('tbody').getByText('pipeline').waitFor()
  await page.goto(`${REAL}/system/devices`)
  await page.locator('.all .row:not(.head)').first().waitFor()
  await page.goto(`${REAL}/system/targets`)
  await page.getByText('不转发').first().waitFor()
  await page.goto(`${REAL}/system/policies`)
  await page.locator('[data-policy=clock_limit_s]').waitFor()
  await page.goto(`${REAL}/system/users`)
  await page.locator('tbody tr').first().waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('DA001')
  await page.locator('#hits li').first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/outlets\/\d+/)
  await drawn(page)
  await done()
})

test('what is exported can be tried as an import and changes nothing', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'operator', '/enterprises')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('导出 .xlsx').click()])
  const path = `${await download.path()}`
  await page.goto(`${REAL}/enterprises/import`)
  const { readFileSync } = await import('node:fs')
  await page.setInputFiles('[data-testid=file]', { name: 'ledger.xlsx', mimeType: 'application/octet-stream', buffer: readFileSync(path) })
  await page.locator('[data-testid=tried]').waitFor()
  assert.match(await page.innerText('[data-testid=tried]'), /将改动 0 处/)
  await done()
})

test('an enterprise sees its own outlets and no system pages', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'enterprise')
  await page.locator('[data-outlet]').first().waitFor()
  assert.equal(new Set(await page.locator('[data-outlet] .name').allInnerTexts()).size, 1)
  assert.equal(await page.locator('.rail').getByText('系统').count(), 0)
  await done()
})

test('a command: asked of the simulated device, answered in seconds, each packet a door; completeness and device file beside it', { skip }, async () => {
  const { page, done } = await open(REAL)
  await signIn(page, REAL, 'officer')
  await page.click('[data-state=ok]')
  await page.locator('[data-outlet]').first().locator('.name').click()
  await page.waitForURL(/outlets\/\d+/)
  await page.locator('[data-strip=minute]').waitFor()
  await page.click('[data-tab=commands]')
  await page.getByRole('button', { name: '下发指令' }).click()
  await page.locator('[data-command=get-clock]').click()
  await page.getByRole('button', { name: '下一步：确认' }).click()
  const dialog = page.getByRole('dialog', { name: '确认下发' })
  await dialog.locator('textarea').fill('核对时钟')
  await dialog.locator('input[type=checkbox]').check()
  await dialog.getByRole('button', { name: '确认下发' }).click()
  const detail = page.locator('[data-testid=command-detail]')
  await detail.getByText('执行成功').first().waitFor({ timeout: 60_000 })
  assert.match(await detail.innerText(), /系统时间/)
  assert.match(await page.locator('[data-command-id]').first().innerText(), /提取现场机时间[\s\S]*officer[\s\S]*核对时钟/)
  assert.deepEqual(await axe(page), [])
  await detail.getByRole('link', { name: '发送的命令' }).click()
  await page.locator('[data-testid=bytes]').waitFor()
  assert.match(await page.innerText('[data-testid=bytes]'), /CN=1011/)
  assert.doesNotMatch(await page.innerText('[data-testid=bytes]'), /PW=[^•]/)
  await page.goBack()
  await page.click('[data-tab=gaps]')
  await page.locator('[data-day]').first().waitFor()
  await page.click('[data-tab=room]')
  await page.locator('.events').waitFor()
  await page.goto(`${REAL}/devices/1`)
  await page.locator('[data-testid=dialect]').waitFor()
  assert.match(await page.innerText('[data-testid=dialect]'), /CRC 算法/)
  assert.deepEqual(await axe(page), [])
  await done()
})

test('an enterprise and a maintainer find no commands', { skip }, async () => {
  for (const role of ['enterprise', 'maintainer']) {
    const { page, done } = await open(REAL)
    await signIn(page, REAL, role)
    await page.locator('[data-outlet]').first().locator('.name').click()
    await page.locator('[data-tab=gaps]').waitFor()
    assert.equal(await page.locator('[data-tab=commands]').count(), 0, role)
    const outlet = /outlets\/(\d+)/.exec(page.url())[1]
    for (const path of [`outlets/${outlet}/commands`, 'commands/catalogue', 'alerts']) assert.equal(await page.evaluate(async (p) => (await fetch(`/api/${p}`)).status, path), 403, `${role} ${path}`)
    await done()
  }
})

test('English, dark, phone', { skip }, async () => {
  const { page, done } = await open(REAL, { language: 'en', theme: 'dark', context: PHONE })
  await signIn(page, REAL, 'officer')
  await page.locator('[data-outlet]').first().waitFor()
  await noSidewaysScroll(page, 'watch')
  assert.match(await page.innerText('.phonebar'), /Watch/)
  await page.locator('[data-outlet]').first().tap()
  await drawn(page)
  await noSidewaysScroll(page, 'outlet')
  await done()
})
