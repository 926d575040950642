import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { i18n } from './i18n'
import { installation, isAuthority, isOperator, user } from './state/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** key of the page's title */
    title?: string
    /** area of the rail that is lit */
    area?: 'watch' | 'enterprises' | 'outlets' | 'reports' | 'system'
    open?: boolean
    operator?: boolean
    /** operators, officers and leaders */
    authority?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/watch' },
  { path: '/sign-in', name: 'sign-in', component: () => import('./views/SignIn.vue'), meta: { open: true, title: 'signIn.title' } },
  { path: '/watch', name: 'watch', component: () => import('./views/watch/WatchPage.vue'), meta: { area: 'watch', title: 'nav.watch' } },
  { path: '/watch/alarms', name: 'alarms', component: () => import('./views/alarms/AlarmsPage.vue'), meta: { area: 'watch', title: 'alarm.title', authority: true } },
  { path: '/alarms/:number', name: 'alarm', component: () => import('./views/alarms/AlarmPage.vue'), meta: { area: 'watch', title: 'alarm.desk', authority: true } },
  { path: '/verdicts/:number', name: 'verdict', component: () => import('./views/alarms/VerdictPage.vue'), meta: { area: 'outlets', title: 'verdict.title' } },
  { path: '/watch/log', name: 'log', component: () => import('./views/shift/LogPage.vue'), meta: { area: 'watch', title: 'shift.title', authority: true } },
  { path: '/watch/handover', name: 'handover', component: () => import('./views/shift/HandoverPage.vue'), meta: { area: 'watch', title: 'shift.handover', authority: true } },
  { path: '/watch/wall', name: 'wall', component: () => import('./views/shift/WallPage.vue'), meta: { area: 'watch', title: 'watchTabs.wall', authority: true } },
  { path: '/notices/:id?', name: 'notices', component: () => import('./views/notices/NoticesPage.vue'), meta: { area: 'watch', title: 'notices.title' } },
  {
    path: '/enterprises',
    name: 'enterprises',
    component: () => import('./views/enterprises/EnterpriseList.vue'),
    meta: { area: 'enterprises', title: 'nav.enterprises' },
  },
  {
    path: '/enterprises/import',
    name: 'import',
    component: () => import('./views/enterprises/ImportPage.vue'),
    meta: { area: 'enterprises', title: 'import.title', operator: true },
  },
  {
    path: '/enterprises/:id',
    name: 'enterprise',
    component: () => import('./views/enterprises/EnterprisePage.vue'),
    meta: { area: 'enterprises', title: 'nav.enterprises' },
  },
  { path: '/outlets', name: 'outlets', component: () => import('./views/outlet/OutletList.vue'), meta: { area: 'outlets', title: 'nav.outlets' } },
  { path: '/outlets/:id', name: 'outlet', component: () => import('./views/outlet/OutletPage.vue'), meta: { area: 'outlets', title: 'nav.outlets' } },
  {
    path: '/packets/:journal/:position',
    name: 'packet',
    component: () => import('./views/outlet/PacketPage.vue'),
    meta: { area: 'outlets', title: 'packet.title' },
  },
  { path: '/reports', name: 'reports', component: () => import('./views/reports/RatesPage.vue'), meta: { area: 'reports', title: 'reports.title' } },
  {
    path: '/reports/outlets/:id',
    name: 'outlet-report',
    component: () => import('./views/reports/OutletReportPage.vue'),
    meta: { area: 'reports', title: 'reports.outletTitle' },
  },
  {
    path: '/rules',
    name: 'rules',
    component: () => import('./views/rules/RulesPage.vue'),
    meta: { area: 'reports', title: 'rules.title' },
  },
  {
    path: '/system',
    name: 'system',
    component: () => import('./views/system/SystemPage.vue'),
    meta: { area: 'system', title: 'nav.system', operator: true },
  },
  {
    path: '/system/devices',
    name: 'devices',
    component: () => import('./views/devices/DevicesPage.vue'),
    meta: { area: 'system', title: 'nav.devices', operator: true },
  },
  {
    path: '/devices/:id',
    name: 'device',
    component: () => import('./views/devices/DevicePage.vue'),
    meta: { area: 'outlets', title: 'nav.device', authority: true },
  },
  {
    path: '/system/targets',
    name: 'targets',
    component: () => import('./views/targets/TargetsPage.vue'),
    meta: { area: 'system', title: 'nav.targets', operator: true },
  },
  {
    path: '/system/policies',
    name: 'policies',
    component: () => import('./views/system/PoliciesPage.vue'),
    meta: { area: 'system', title: 'policies.title', operator: true },
  },
  {
    path: '/system/users',
    name: 'users',
    component: () => import('./views/system/UsersPage.vue'),
    meta: { area: 'system', title: 'nav.users', operator: true },
  },
  { path: '/:any(.*)*', name: 'nowhere', component: () => import('./views/NotFound.vue'), meta: { title: 'nowhere.title' } },
]

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach((to) => {
  if (!to.meta.open && !user.value) return { name: 'sign-in', query: to.fullPath === '/watch' ? {} : { next: to.fullPath } }
  if (to.name === 'sign-in' && user.value) return { name: 'watch' }
  if (to.meta.operator && !isOperator.value) return { name: 'watch' }
  if (to.meta.authority && !isAuthority.value) return { name: 'watch' }
  return true
})

router.afterEach((to) => {
  const name = installation.value?.name ?? ''
  document.title = [to.meta.title ? i18n.global.t(to.meta.title) : '', name || i18n.global.t('brand')].filter(Boolean).join(' · ')
})
