// What figures of rules are called in words; their names in files, acts and site descriptions stay as they are.
import { enBand, enBands, enFigures } from '../i18n/enFigures'
import { zhBand, zhBands, zhFigures } from '../i18n/zhFigures'

/** Words of a figure; its own name where there are none. */
export function figureName(name: string, zh: boolean): string {
  const word = (zh ? zhFigures : enFigures)[name]
  if (word) return word
  const [, stem, band] = /^([a-z]+)_(\d)$/.exec(name) ?? []
  const of = stem ? (zh ? zhBands : enBands)[stem] : undefined
  return of && band ? (zh ? zhBand : enBand)(of, band) : name
}
