import { ATTACKS } from '../../fixtures/attacks/index.ts'
import { type Measurement, measure } from '../../fixtures/attacks/measure.ts'
import type { Suite } from '../suite.ts'
import { formatNumber, formatRatio, type Table } from '../table.ts'

/** The fuel of a tick, by default. */
const UNITS = 50_000_000

export const bounds: Suite = {
  name: 'bounds',
  about: 'how long a tick may take for its fuel, by each way to spend it',
  async run({ scale, progress }) {
    const rounds = scale.quick ? 1 : 3
    const groups: { readonly group: string; readonly measurements: readonly Measurement[] }[] = []
    for (const [group, attacks] of Object.entries(ATTACKS)) {
      const measurements: Measurement[] = []
      for (const attack of attacks) {
        progress(attack.way)
        measurements.push(await measure(attack, 'inline', rounds))
      }
      groups.push({ group, measurements })
    }
    return { tables: groups.map(({ group, measurements }) => tableOf(group, measurements)), data: groups }
  },
}

function tableOf(group: string, measurements: readonly Measurement[]): Table {
  return {
    title: `bounds: ${group}`,
    columns: ['', 'units', 'ms', `s for ${UNITS.toLocaleString('en')}`, 'to the empty loop'],
    rows: measurements.map(({ way, fuel, ms, empty }) => {
      const unit = ms / fuel
      return [way, fuel.toLocaleString('en'), formatNumber(ms), formatNumber((unit * UNITS) / 1000), formatRatio((unit * 1e6) / empty)]
    }),
    notes: ['A run of few units takes long for them: a tick and a fault take their time.'],
  }
}
