// MNs written anew for a platform above: one a line, old and new with a blank between.

export interface Rewrite { mn: string; to: string }

export const rewriteText = (rows: readonly Rewrite[]): string => rows.map((r) => `${r.mn} ${r.to}`).join('\n')

/** The rows, or the number of the first line that is none. */
export function parseRewrite(text: string): { rows: Rewrite[]; bad: number | null } {
  const rows: Rewrite[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] as string).trim()
    if (line === '') continue
    const m = /^([0-9A-Za-z]{1,24})[\s,→]+([0-9A-Za-z]{1,24})$/.exec(line)
    if (!m || rows.some((r) => r.mn === m[1])) return { rows: [], bad: i + 1 }
    rows.push({ mn: m[1] as string, to: m[2] as string })
  }
  return { rows, bad: null }
}
