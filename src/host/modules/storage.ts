import { PRICES } from '../../abi/prices.ts'
import type { LinkedServices } from '../services/linked-services.ts'
import { type FixedImport, type FixedModule, grantedByName } from './import-module.ts'
import { servicesOf } from './services-of.ts'

type Operation = 'get' | 'set' | 'delete'

/** What a script keeps by key. A key is text, of at most 1,024 bytes. */
export const storage: FixedModule = grantedByName('storage', {
  get: operation(
    'get',
    4,
    'copy the value of a key (pointer, length) to where it fits (pointer, capacity); its length, -1 if there is none',
  ),
  set: operation('set', 4, 'keep a value (pointer, length) under a key (pointer, length); 0, or -1 without room'),
  delete: operation('delete', 2, 'remove the value of a key (pointer, length); 1, or 0 if there is none'),
  used: {
    params: [],
    results: ['i32'],
    meaning: 'bytes of all keys and values',
    price: PRICES.read,
    implement: (context) => {
      const services = servicesOf(context)
      return () => services.used()
    },
  },
})

function operation(name: Operation, count: number, meaning: string): Omit<FixedImport, 'permission'> {
  return {
    params: new Array<'i32'>(count).fill('i32'),
    results: ['i32'],
    meaning,
    price: PRICES.storage,
    refuses: true,
    implement(context, caller) {
      const services = servicesOf(context)
      const run = services[name].bind(services) as LinkedServices['set']
      return (a: number, b: number, c: number, d: number) => run(caller.text, a, b, c, d)
    },
  }
}
