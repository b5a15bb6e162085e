import { PRICES } from '../../abi/prices.ts'
import type { ConfigKind } from '../services/config-values.ts'
import type { PatternModule } from './import-module.ts'
import { servicesOf } from './services-of.ts'

export const configNumber: PatternModule = value('number', 'gun.speed', 'f64', 'a number of the config, as it is now')
export const configFlag: PatternModule = value('flag', 'gun.auto', 'i32', 'a boolean of the config, as it is now: 1 or 0')

function value(kind: ConfigKind, example: string, result: 'f64' | 'i32', meaning: string): PatternModule {
  return {
    ...{ module: `config.${kind}`, pattern: 'path', example, params: [], results: [result], meaning, price: PRICES.read },
    resolve: (path, _, context) => ({
      permissions: [{ kind: 'host', module: 'config', name: kind }],
      type: { params: [], results: [result] },
      function: servicesOf(context).config(kind, path),
    }),
  }
}
