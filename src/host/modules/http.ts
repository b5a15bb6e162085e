import { PRICES } from '../../abi/prices.ts'
import { type FixedModule, grantedByName } from './import-module.ts'
import { servicesOf } from './services-of.ts'

/** Requests to the hosts of `grant.hosts`, which a later tick answers. */
export const http: FixedModule = grantedByName('http', {
  request: {
    params: ['i32', 'i32'],
    results: ['i32'],
    meaning: 'ask a server (pointer, length of JSON { url, method?, headers?, body? }); a number that on_response gets, 0 if too many wait',
    price: PRICES.http,
    refuses: true,
    check: (context) => servicesOf(context).checkHttp(),
    implement(context, caller) {
      const services = servicesOf(context)
      return (pointer: number, length: number) => services.request(caller.text, pointer, length)
    },
  },
})
