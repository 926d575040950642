/** Where to go after sign-in: only a path of this very site, never another host. */
export function safeNext(next: unknown): string {
  const text = typeof next === 'string' ? next : ''
  return /^\/(?![/\\])/.test(text) && !text.startsWith('/sign-in') ? text : '/watch'
}
