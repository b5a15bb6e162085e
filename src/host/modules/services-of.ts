import type { LinkedServices } from '../services/linked-services.ts'
import type { LinkContext } from './import-module.ts'

/** Returns the services of a generation that imports one of them. */
export function servicesOf({ services }: LinkContext): LinkedServices {
  return services as LinkedServices
}
