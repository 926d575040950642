// Commands: who sees them, how one is chosen, filled in and confirmed, and how its fate is told.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PHONE, axe, noSidewaysScroll, open, quit, serve, signIn } from './support.mjs'

const PACE = 350 // ms of one step of a stand-in device
let server
before(async () => (server = await serve({ pace: 100_000, fieldPace: PACE })))
after(async () => {
  server.close()
  await quit()
})
const form = (page) => page.locator('[data-testid=command-form]')
const detail = (page) => page.locator('[data-testid=command-detail]')

/** From the list of commands to the confirmation, with what the command takes filled in. */
async function choose(page, key, fill = {}) {
  await page.getByRole('button', { name: '下发指令' }).click()
  await form(page).locator(`[data-command=${key}]`).click()
  for (const [name, value] of Object.entries(fill)) {
    const input = form(page).locator(`[data-param=${name}]`).locator('input:not([type=checkbox]), select').first()
    if ((await input.evaluate((el) => el.tagName)) === 'SELECT') await input.selectOption(value)
    else await input.fill(value)
  }
}
async function give(page, reason) {
  await form(page).getByRole('button', { name: '下一步：确认' }).click()
  const dialog = page.getByRole('dialog', { name: '确认下发' })
  await dialog.waitFor()
  await dialog.locator('textarea').fill(reason)
  await dialog.locator('input[type=checkbox]').check()
  const [request] = await Promise.all([page.waitForRequest((r) => r.method() === 'POST' && /devices\/\d+\/commands$/.test(r.url())), dialog.getByRole('button', { name: '确认下发' }).click()])
  return request.postDataJSON()
}

test('a command is chosen, filled in, confirmed with a reason, and followed to its answer and its packets', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/2?tab=commands')
  await page.getByText('还没有向这个排放口的设备下发过指令').waitFor()
  await choose(page, 'get-clock')
  const sent = await give(page, '核对时钟')
  assert.deepEqual({ key: sent.key, reason: sent.reason, confirm: sent.confirm, arguments: sent.arguments }, { key: 'get-clock', reason: '核对时钟', confirm: true, arguments: {} })
  // live: under way first, then over, without a reload
  await detail(page).waitFor()
  await page.waitForURL(/command=\d+/)
  await detail(page).getByText('执行成功').first().waitFor()
  assert.match(await detail(page).innerText(), /请求应答 QnRtn\s+1 准备执行请求/)
  assert.match(await detail(page).innerText(), /执行结果 ExeRtn\s+1 执行成功/)
  assert.match(await detail(page).innerText(), /系统时间/)
  const doors = await detail(page).locator('a[href^="/packets/"]').evaluateAll((els) => els.map((e) => e.textContent))
  assert.deepEqual(doors.slice(-4), ['发送的命令', '请求应答', '回答 1', '结果'])
  assert.match(await page.locator('[data-command-id]').first().innerText(), /提取现场机时间[\s\S]*执行成功[\s\S]*officer[\s\S]*核对时钟/)
  assert.deepEqual(await axe(page), [])
  await done()
})

test('nothing leaves without a reason and the tick; what acts on equipment is confirmed in stronger words', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/1?tab=commands')
  await choose(page, 'get-realtime-interval')
  await form(page).getByRole('button', { name: '下一步：确认' }).click()
  let dialog = page.getByRole('dialog', { name: '确认下发' })
  const gentle = await dialog.innerText()
  assert.match(gentle, /只读取信息/)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await form(page).getByText('换一个命令').click()
  await form(page).locator('[data-command=calibrate]').click()
  await form(page).getByRole('button', { name: '下一步：确认' }).click()
  dialog = page.getByRole('dialog', { name: '确认下发' })
  await dialog.waitFor()
  assert.match(await dialog.innerText(), /会让现场设备动作或改变设置/)
  assert.match(await dialog.innerText(), /由我下发并承担责任/)
  const button = dialog.getByRole('button', { name: '确认下发' })
  assert.ok(await button.isDisabled())
  await dialog.locator('textarea').fill('   ')
  await dialog.locator('input[type=checkbox]').check()
  assert.ok(await button.isDisabled(), 'blanks are no reason')
  await dialog.locator('textarea').fill('现场检查')
  await dialog.locator('input[type=checkbox]').uncheck()
  assert.ok(await button.isDisabled(), 'not without the tick')
  assert.deepEqual(await axe(page), [])
  await done()
})

test('parameters say what they take, with their units, before anything is confirmed', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/1?tab=commands')
  await choose(page, 'set-realtime-interval', { RtdInterval: '29' })
  assert.match(await form(page).innerText(), /填 30 至 3600 的整数/)
  assert.match(await form(page).locator('[data-param=RtdInterval]').innerText(), /s$/m)
  await form(page).getByRole('button', { name: '下一步：确认' }).click()
  await page.waitForTimeout(200)
  assert.equal(await page.getByRole('dialog', { name: '确认下发' }).count(), 0)
  await form(page).locator('[data-param=RtdInterval] input').fill('60')
  assert.deepEqual((await give(page, '与备案一致')).arguments, { RtdInterval: '60' })
  // not read in a standard: told beside the command and in the form
  await choose(page, 'clean')
  assert.match(await form(page).innerText(), /未与标准原文核对/)
  await done()
})

test('a clock is set to the time of sending unless another is given; history goes out as digits', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/1?tab=commands')
  await choose(page, 'set-clock')
  assert.ok(await form(page).locator('[data-param=SystemTime] input[type=checkbox]').isChecked())
  assert.deepEqual((await give(page, '校时')).arguments, { SystemTime: '@now' })
  await choose(page, 'minute-data')
  const range = (await give(page, '核对')).arguments
  assert.match(range.BeginTime, /^\d{14}$/)
  assert.match(range.EndTime, /^\d{14}$/)
  assert.ok(range.EndTime > range.BeginTime)
  await done()
})

for (const [reason, word, more] of [
  ['拒绝', /设备拒绝/, /QnRtn\s+2 请求被拒绝/],
  ['失败', /执行失败/, /ExeRtn\s+5 系统繁忙/],
  ['超时', /没有应答/, /发送 4 次，设备都没有应答/],
  ['未知', /结果不明/, /可能执行了，也可能没有[\s\S]*不会自动重发/],
  ['断线', /等待设备连接/, /不再发送/],
]) {
  test(`an outcome is told in words: ${reason}`, async () => {
    const { page, done } = await open(server.url)
    await signIn(page, server.url, 'officer', '/outlets/3?tab=commands')
    await choose(page, 'set-realtime-interval', { RtdInterval: '60' })
    await give(page, reason)
    await detail(page).getByText(word).first().waitFor()
    assert.match(await detail(page).innerText(), more)
    if (reason === '未知') assert.equal(await detail(page).locator('.done').count(), 2, 'an unknown outcome is never drawn as done')
    await done()
  })
}

test('enterprises and maintainers find no commands, no alerts and no device files; a leader reads but cannot send', async () => {
  for (const role of ['enterprise', 'maintainer']) {
    const { page, done } = await open(server.url)
    const asked = []
    page.on('request', (r) => /\/api\/(commands|alerts|devices|outlets\/\d+\/commands)/.test(r.url()) && asked.push(r.url()))
    await signIn(page, server.url, role, '/outlets/1?tab=commands')
    await page.locator('.tabs button').first().waitFor()
    assert.equal(await page.locator('[data-tab=commands]').count(), 0, role)
    await page.locator('[data-testid=plot]').waitFor()
    await page.goto(`${server.url}/devices/1`)
    await page.waitForURL(/\/watch/)
    await page.locator('[data-outlet]').first().waitFor()
    assert.equal(await page.locator('[data-testid=alerts]').count(), 0)
    assert.deepEqual(asked, [], `${role} does not even ask`)
    await done()
  }
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'leader', '/outlets/1?tab=commands')
  await page.locator('[data-command-id]').first().waitFor()
  assert.equal(await page.getByRole('button', { name: '下发指令' }).count(), 0)
  await page.locator('[data-command-id]').first().click()
  await detail(page).waitFor()
  assert.equal(await detail(page).getByRole('button', { name: '再下发一次' }).count(), 0)
  await done()
})

test('on a phone a command is sent with the thumb', async () => {
  const { page, done } = await open(server.url, { context: PHONE })
  await signIn(page, server.url, 'officer', '/outlets/5?tab=commands')
  await page.getByRole('button', { name: '下发指令' }).tap()
  const row = form(page).locator('[data-command=get-clock]')
  assert.ok((await row.boundingBox()).height >= 44)
  await noSidewaysScroll(page, 'choice')
  await row.tap()
  await give(page, '核对')
  await detail(page).getByText('执行成功').first().waitFor()
  await noSidewaysScroll(page, 'detail')
  await done()
})
