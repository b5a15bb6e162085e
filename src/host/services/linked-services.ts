import { MEMORY_BYTES_SHIFT } from '../../abi/prices.ts'
import { ScriptError } from '../../errors.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { type ConfigKind, configValue } from './config-values.ts'
import { checkRequest } from './http-requests.ts'
import { familiesOf, type MetricKind, type MetricSeries, parseSeries } from './script-metrics.ts'
import type { ScriptServices } from './script-services.ts'
import { MAX_KEY_BYTES, MAX_SERIES } from './service-limits.ts'

/** What the services of a generation work with. */
export interface ServiceParts {
  /** What they hold of the script. */
  readonly held: ScriptServices
  /** Returns the config of the script; `undefined` while a module is only checked, with no config. */
  readonly config: () => unknown
  /** The hosts that the script may reach; `undefined` if the game has not switched HTTP on. */
  readonly hosts: readonly string[] | undefined
  /** Returns the metrics of the other scripts, with the name of each script. */
  readonly others: () => Iterable<readonly [script: string, series: MetricSeries]>
  /** Charges the running script units of fuel. */
  readonly charge: (units: number) => void
  /** Called when a request was made. */
  readonly requested: () => void
}

/** The services that one generation of a script imports. */
export class LinkedServices {
  /** The metrics that it imports, by their key. */
  readonly series: Map<string, MetricSeries> = new Map()
  readonly #configs: (readonly [kind: ConfigKind, path: string])[] = []
  readonly #parts: ServiceParts

  constructor(parts: ServiceParts) {
    this.#parts = parts
  }

  /** Returns the function that writes a metric. Throws `UnknownImport`, `DuplicateName`, `TooLarge`. */
  metric(kind: MetricKind, imported: string): (value: number) => void {
    const series = parseSeries(kind, imported)
    this.#checkFamilies(series)
    this.series.set(series.key, series)
    if (this.series.size > MAX_SERIES)
      throw new ScriptError('TooLarge', `it imports more than ${MAX_SERIES} metrics, which no option raises; import fewer`)
    const { metrics } = this.#parts.held
    const { key } = series
    if (kind === 'counter') return (value) => metrics.add(key, value)
    return kind === 'gauge' ? (value) => metrics.set(key, value) : (value) => metrics.observe(key, value)
  }

  /** Returns the function that reads a value of the config. Throws `UnknownImport`, `InvalidOptions`. */
  config(kind: ConfigKind, path: string): () => number {
    const { config } = this.#parts
    this.#configs.push([kind, path])
    let known = config()
    if (known === undefined) return () => 0
    let value = configValue(known, kind, path)
    return () => {
      const now = config()
      if (now !== known) {
        value = configValue(now, kind, path)
        known = now
      }
      return value
    }
  }

  /** Whether it imports values of the config. */
  get usesConfig(): boolean {
    return this.#configs.length > 0
  }

  /** Checks that a config has all that the generation imports of it. Throws `InvalidOptions`. */
  checkConfig(config: unknown): void {
    for (const [kind, path] of this.#configs) {
      try {
        configValue(config, kind, path)
      } catch (error) {
        throw error instanceof ScriptError ? new ScriptError('InvalidOptions', error.detail) : error
      }
    }
  }

  /** Copies a value to where the script wants it, if it has room there. Returns its length; -1 if there is none. */
  get(text: TextBoundary, key: number, length: number, out: number, capacity: number): number {
    const name = this.#key(text, key, length)
    const value = name === undefined ? undefined : this.#parts.held.storage.get(name)
    if (value === undefined) return -1
    if (value.length <= capacity >>> 0) {
      this.#charge(value.length)
      text.writeBytes(out, value)
    }
    return value.length
  }

  /** Keeps a copy of a value. Returns 0; -1 if there is no room for it. */
  set(text: TextBoundary, key: number, length: number, from: number, size: number): number {
    const { storage } = this.#parts.held
    const name = this.#key(text, key, length)
    if (name === undefined || !storage.fits(name, size >>> 0)) return -1
    this.#charge(size >>> 0)
    storage.set(name, text.readBytes(from, size))
    return 0
  }

  /** Removes a value. Returns 1; 0 if there is none. */
  delete(text: TextBoundary, key: number, length: number): number {
    const name = this.#key(text, key, length)
    return name !== undefined && this.#parts.held.storage.delete(name) ? 1 : 0
  }

  /** Returns the bytes of all keys and values. */
  used(): number {
    return this.#parts.held.storage.used
  }

  /** Throws `GrantDenied` if the game has not switched HTTP on. */
  checkHttp(): void {
    if (this.#parts.hosts === undefined)
      throw new ScriptError(
        'GrantDenied',
        'the import http::request is not granted: the game has not switched HTTP on, with create({ http: true })',
      )
  }

  /** Makes a request. Returns its number; 0 if too many wait. Throws `InvalidJson`, `GrantDenied`. */
  request(text: TextBoundary, pointer: number, length: number): number {
    const request = checkRequest(text.readJson(pointer, length), this.#parts.hosts ?? [])
    const id = this.#parts.held.http.add(request)
    if (id > 0) this.#parts.requested()
    return id
  }

  #key(text: TextBoundary, pointer: number, length: number): string | undefined {
    return length >>> 0 > MAX_KEY_BYTES ? undefined : text.readString(pointer, length)
  }

  #charge(bytes: number): void {
    this.#parts.charge(bytes >>> MEMORY_BYTES_SHIFT)
  }

  /** A name can be only one kind of metric in the whole game: readers of metrics take it so. */
  #checkFamilies(series: MetricSeries): void {
    const wanted = new Map(familiesOf(series))
    const own = [...this.series.values()].map((each) => ['this script', each] as const)
    for (const [script, other] of [...own, ...this.#parts.others()]) {
      for (const [name, what] of familiesOf(other)) {
        const here = wanted.get(name)
        if (here === undefined || here === what) continue
        const detail = `the metric '${series.name}' cannot be a ${series.kind}: '${name}' is ${what} in ${script}, and would be ${here}`
        throw new ScriptError('DuplicateName', `${detail}; choose another name`)
      }
    }
  }
}
