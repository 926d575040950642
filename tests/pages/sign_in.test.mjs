import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, quit, serve, signIn } from './support.mjs'

let server
before(async () => (server = await serve()))
after(async () => {
  server.close()
  await quit()
})

test('a demonstration account signs in with one click, and out again', async () => {
  const { page, done } = await open(server.url)
  await page.goto(server.url)
  await page.waitForURL(/sign-in/)
  assert.match(await page.innerText('body'), /演示数据，非官方统计/)
  await signIn(page, server.url)
  assert.match(await page.innerText('.topbar'), /演示域.*演示数据，非官方统计/s)
  await page.click('.who')
  await page.getByText('退出登录').click()
  await page.waitForURL(/sign-in/)
  await page.goto(`${server.url}/system`)
  await page.waitForURL(/sign-in\?next=/)
  await done()
})

test('a wrong password is told in words and lets nobody in', async () => {
  const { page, done } = await open(server.url)
  await page.goto(`${server.url}/sign-in`)
  await page.fill('input[name=user]', 'admin')
  await page.fill('input[name=password]', 'wrong')
  await page.click('button[type=submit]')
  assert.match(await page.innerText('[role=alert]'), /用户名或密码不对/)
  assert.match(page.url(), /sign-in/)
  await done()
})

test('an address asked for before sign-in opens after it; another site never does', async () => {
  const { page, done } = await open(server.url)
  await page.goto(`${server.url}/outlets/3?kind=minute`)
  await page.waitForURL(/sign-in/)
  await page.click('.account >> nth=1')
  await page.waitForURL(/outlets\/3\?kind=minute/)
  await page.click('.who')
  await page.getByText('退出登录').click()
  await page.goto(`${server.url}/sign-in?next=//elsewhere.example/`)
  await page.click('.account >> nth=1')
  await page.waitForURL(`${server.url}/watch`)
  await done()
})

test('a person sees only the areas of the role', async () => {
  const officer = await open(server.url)
  await signIn(officer.page, server.url, 'officer')
  assert.deepEqual((await officer.page.locator('.rail .item span').allInnerTexts()).map((s) => s.trim()), ['值守', '一企一档', '排放口', '报表'])
  await officer.page.goto(`${server.url}/system/users`)
  await officer.page.waitForURL(/watch/)
  await officer.done()

  const firm = await open(server.url)
  await signIn(firm.page, server.url, 'enterprise')
  await firm.page.locator('[data-outlet]').first().waitFor()
  const names = new Set(await firm.page.locator('[data-outlet] .name').allInnerTexts())
  assert.deepEqual([...names], ['青岚热电'])
  await firm.done()
})
