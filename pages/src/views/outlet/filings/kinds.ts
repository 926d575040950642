// Which kinds of filings there are, who files them, and what they hold.
import { computed } from 'vue'
import { user } from '../../../state/session'

export const KINDS = ['enforcement', 'comparison', 'standard', 'manual', 'zero', 'span', 'calibration', 'full-system', 'verification', 'stop-report', 'fault-report', 'abnormal-report', 'maintenance', 'work-order'] as const
/** Those about one factor. */
export const MEASURED = new Set<string>(KINDS.slice(0, 9))
/** Those that hold pairs of reference and instrument. */
export const PAIRED = new Set<string>(['enforcement', 'comparison', 'verification'])
const AUTHORITY = new Set<string>(['enforcement', 'comparison', 'standard'])

/** Enterprise and maintainer file all but enforcement monitoring, the authority its own measurements alone. */
export const isUnit = computed(() => user.value?.role === 'enterprise' || user.value?.role === 'maintainer')
export const kindsFor = (unit: boolean): string[] => KINDS.filter((k) => (unit ? k !== 'enforcement' : AUTHORITY.has(k)))
/** Whether one's own side filed it. */
export const isOwn = (role: string | null): boolean => isUnit.value === (role === 'enterprise' || role === 'maintainer')
