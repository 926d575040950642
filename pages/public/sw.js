// Keeps the shell of the pages (the first page and its files, no data) so that they open without network. What the server
// answers under /api is never touched and never kept here: what somebody may see ends with their session.
const SHELL = 'yanwu-shell-1'
const FILES_MOST = 400 // files of older builds go first
const PATIENCE_MS = 4000 // a network that is there and does not answer is none

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(['/', '/mark.svg'])).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((n) => n !== SHELL).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  )
})

async function trim(cache) {
  const files = (await cache.keys()).filter((r) => new URL(r.url).pathname.startsWith('/assets/'))
  for (const old of files.slice(0, Math.max(0, files.length - FILES_MOST))) await cache.delete(old)
}

/** Names of these files carry a hash of their content: what lies under one never changes. */
async function file(request) {
  const cache = await caches.open(SHELL)
  const here = await cache.match(request)
  if (here) return here
  const answer = await fetch(request)
  if (answer.ok) {
    await cache.put(request, answer.clone())
    await trim(cache)
  }
  return answer
}

/** Every address of the pages is the same first page: the newest where there is network, else the last one. */
async function page(request) {
  const cache = await caches.open(SHELL)
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS)
  try {
    const answer = await fetch(request.url, { credentials: 'same-origin', signal: stop.signal })
    if (answer.ok && (answer.headers.get('Content-Type') ?? '').startsWith('text/html')) await cache.put('/', answer.clone())
    return answer
  } catch (error) {
    const here = await cache.match('/')
    if (here) return here
    throw error
  } finally {
    clearTimeout(timer)
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return
  if (url.pathname.startsWith('/assets/') || url.pathname === '/mark.svg') event.respondWith(file(request))
  else if (request.mode === 'navigate') event.respondWith(page(request))
})

// Files that were loaded before this worker was there.
self.addEventListener('message', (event) => {
  const files = Array.isArray(event.data?.files) ? event.data.files.slice(0, FILES_MOST) : []
  const own = files.filter((f) => typeof f === 'string' && f.startsWith('/assets/'))
  event.waitUntil(Promise.allSettled(own.map((f) => file(new Request(f)))).then(() => event.source?.postMessage({ kept: own.length })))
})
