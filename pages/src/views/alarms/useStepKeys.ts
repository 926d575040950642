// One key a step: done at once where the key is all it needs, else a small form that takes the rest. The same for one alarm and for many.
import { computed, ref, type Ref } from 'vue'
import type { AlarmRow, StepKind } from '../../api/judgeTypes'
import { useWords } from '../../i18n'
import { AT_ONCE, STEP_KEYS, stepsOf } from '../../lib/alarms'
import { user } from '../../state/session'
import type { KeyMap } from '../../shell/keys'
import type { Wanted, useAlarms } from './useAlarms'

export function useStepKeys(targets: () => readonly AlarmRow[], act: ReturnType<typeof useAlarms>['act'], done: (w: Wanted) => void) {
  const { t, zh, errorText } = useWords()
  const asking: Ref<StepKind | null> = ref(null)
  /** what came of the last step, in words, until the next */
  const said = ref('')
  const busy = ref(false)

  /** Steps that every one of the targets allows. */
  const possible = computed<StepKind[]>(() => {
    const [first, ...rest] = targets()
    if (!first) return []
    return stepsOf(first, user.value?.role).filter((s) => rest.every((a) => stepsOf(a, user.value?.role).includes(s)))
  })

  async function run(w: Wanted): Promise<boolean> {
    busy.value = true
    said.value = ''
    try {
      const answer = await act(w)
      asking.value = null
      if (answer === 'queued') said.value = t('alarm.queued')
      else {
        const refused = answer.refused[0]
        said.value = refused ? `${refused.number}: ${zh.value ? refused.text_zh : refused.text_en}${answer.refused.length > 1 ? ` (+${answer.refused.length - 1})` : ''}` : t('alarm.did', { step: t(`step.${w.kind}`), n: w.numbers.length })
      }
      done(w)
      return true
    } catch (e) {
      said.value = errorText(e)
      return false
    } finally {
      busy.value = false
    }
  }
  function begin(step: StepKind): void | false {
    if (!possible.value.includes(step)) return false
    if (busy.value) return
    if (AT_ONCE.has(step)) {
      void run({ numbers: targets().map((a) => a.number), kind: step })
    } else {
      said.value = ''
      asking.value = step
    }
  }
  const keys: KeyMap = Object.fromEntries(Object.entries(STEP_KEYS).map(([k, s]) => [k, () => begin(s)]))
  return { asking, said, busy, possible, begin, run, keys }
}
