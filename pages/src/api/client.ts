// The one door to the server: JSON over fetch, cookie session, CSRF header, errors as values with a sentence in both languages.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly textZh: string,
    readonly textEn: string,
    readonly body: unknown = null,
  ) {
    super(textEn)
  }
}

let csrf = ''
let csrfSource: () => Promise<void> = async () => {}
let onSignedOut: () => void = () => {}

export function setCsrf(token: string): void {
  csrf = token
}

/** Asked for the token before something is changed, where the pages were opened without network and have none. */
export function setCsrfSource(source: () => Promise<void>): void {
  csrfSource = source
}

/** Called whenever the server says the session is over. */
export function setSignedOutHandler(handler: () => void): void {
  onSignedOut = handler
}

type Query = Record<string, string | number | boolean | null | undefined>

export function withQuery(path: string, query?: Query): string {
  const parts = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') parts.set(key, String(value))
  }
  const text = parts.toString()
  return text ? `${path}?${text}` : path
}

async function request<T>(method: string, path: string, body?: BodyInit | null, type?: string, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (type) headers['Content-Type'] = type
  if (method !== 'GET' && !csrf && path !== '/api/session') await csrfSource()
  if (method !== 'GET') headers['X-CSRF'] = csrf
  let response: Response
  try {
    response = await fetch(path, { method, headers, body: body ?? null, signal: signal ?? null, credentials: 'same-origin' })
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new ApiError(0, 'offline', '连接不上服务器，请检查网络后重试', 'The server cannot be reached; check the network and try again')
  }
  const text = await response.text()
  let parsed: unknown = null
  try {
    parsed = text ? JSON.parse(text) : null
  } catch {
    throw new ApiError(response.status, 'not_json', '服务器的回答无法读取', 'The answer of the server cannot be read')
  }
  if (response.ok) return parsed as T
  const error = (parsed as { error?: { code?: string; text_zh?: string; text_en?: string } } | null)?.error ?? {}
  if (response.status === 401 && path !== '/api/session') onSignedOut()
  throw new ApiError(
    response.status,
    error.code ?? `http_${response.status}`,
    error.text_zh ?? `服务器回答 ${response.status}`,
    error.text_en ?? `The server answered ${response.status}`,
    parsed,
  )
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  request<T>('GET', withQuery(path, query), null, undefined, signal)

export const send = <T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> =>
  request<T>(method, path, body === undefined ? null : JSON.stringify(body), body === undefined ? undefined : 'application/json')

export const sendFile = <T>(path: string, file: Blob): Promise<T> =>
  request<T>('POST', path, file, 'application/octet-stream')
