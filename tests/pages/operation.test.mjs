// What ran when at an outlet and plans of heavy-pollution days.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, noSidewaysScroll, open, PHONE, quit, serve, signIn } from './support.mjs'

let server
before(async () => (server = await serve({ pace: 100_000 })))
after(async () => {
  server.close()
  await quit()
})
const shot = process.env.OPERATION_SHOTS

test('production stands above its treatment, and production without it is seen, counted and said', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/3?tab=operation&range=month')
  await page.locator('[data-unit=fgd]').waitFor()
  assert.deepEqual(await page.locator('[data-unit]').evaluateAll((els) => els.map((e) => e.dataset.unit)), ['boiler', 'fgd', 'dust'])
  assert.match(await page.locator('[data-unit=boiler] svg').getAttribute('aria-label'), /1 号锅炉：运行 [\d.]+ h，停运 [\d.]+ h，报警 0\.0 h/)
  assert.equal(await page.locator('[data-unit=fgd] rect.without').count(), 2)
  assert.match(await page.locator('[data-unit-row]').nth(1).innerText(), /脱硫循环泵[\s\S]*治理[\s\S]*设施状态 2021[\s\S]*1\.5/)
  assert.match(await page.innerText('[data-testid=operation-verdict]'), /脱硫循环泵[\s\S]*90 min[\s\S]*仅提示/)
  assert.deepEqual(await axe(page), [])
  if (shot) await page.screenshot({ path: `${shot}/operation.png` })
  await done()
})

test('plans are listed, added and removed by officers, and only read by the enterprise', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'officer', '/outlets/2?tab=operation')
  await page.locator('[data-lane=plans]').waitFor()
  await page.click('[data-testid=plans]')
  await page.locator('[data-testid=plan]').first().waitFor()
  assert.match(await page.innerText('[data-testid=plan]'), /橙色[\s\S]*限产 30 %[\s\S]*用电 ≤ 70 %/)
  await page.click('[data-testid=add-plan]')
  assert.ok(await page.locator('[data-testid=save-plan]').isDisabled())
  await page.fill('[data-testid=plan-measure]', '停产一条线')
  await page.fill('[data-testid=plan-power]', '150')
  assert.ok(await page.locator('[data-testid=save-plan]').isDisabled())
  await page.fill('[data-testid=plan-power]', '50')
  assert.deepEqual(await axe(page), [])
  if (shot) await page.screenshot({ path: `${shot}/plans.png` })
  await page.click('[data-testid=save-plan]')
  await page.getByText('停产一条线').waitFor()
  const mine = page.locator('[data-testid=plan]', { hasText: '停产一条线' })
  await mine.locator('[data-testid=remove-plan]').click()
  await mine.getByText('再按一次移除').click()
  await mine.waitFor({ state: 'detached' })
  await done()
  const works = await open(server.url)
  await signIn(works.page, server.url, 'enterprise', '/outlets/2?tab=operation')
  await works.page.click('[data-testid=plans]')
  await works.page.locator('[data-testid=plans-dialog]').waitFor()
  assert.equal(await works.page.locator('[data-testid=add-plan], [data-testid=remove-plan]').count(), 0)
  await works.done()
})

test('in English, dark, on a phone', async () => {
  const { page, done } = await open(server.url, { language: 'en', theme: 'dark', context: PHONE })
  await signIn(page, server.url, 'officer', '/outlets/2?tab=operation')
  await page.locator('[data-unit=boiler]').waitFor()
  assert.match(await page.innerText('[data-testid=operation]'), /Production[\s\S]*Treatment/)
  await noSidewaysScroll(page, 'operation')
  assert.deepEqual(await axe(page), [])
  if (shot) await page.screenshot({ path: `${shot}/operation-phone.png` })
  await done()
})

test('an outlet of which nothing is known says how that changes', async () => {
  const { page, done } = await open(server.url)
  await signIn(page, server.url, 'operator', '/outlets/9?tab=operation')
  const text = page.locator('[data-testid=operation]')
  await text.getByText('尚未登记生产或治理设施').or(text.locator('[data-lane=marks]')).first().waitFor()
  await done()
})
