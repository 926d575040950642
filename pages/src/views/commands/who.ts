import type { Asked } from '../../api/deviceTypes'

type Words = (key: string, gaps?: Record<string, string>) => string

/** Who gave a command: a person by name, the platform's own policy, or a platform above. */
export const whoOf = (c: Pick<Asked, 'origin' | 'by' | 'target'>, t: Words): string =>
  c.origin === 'policy' ? t('command.byPolicy') : c.origin === 'target' ? t('command.byTarget', { target: c.target ?? '' }) : c.by

/** Why it was given. A policy writes its reason in both languages, Chinese first. */
export function whyOf(c: Pick<Asked, 'origin' | 'reason'>, zh: boolean): string {
  const parts = c.origin === 'policy' ? c.reason.split(' / ') : [c.reason]
  return (parts.length === 2 && !zh ? parts[1] : parts[0]) || '–'
}
