import type { ArrayKeeper } from '../../array-image.ts'
import { type HttpImage, HttpRequests } from './http-requests.ts'
import { type MetricSeries, Metrics, type MetricsImage } from './script-metrics.ts'
import { Storage, type StorageImage } from './script-storage.ts'

/** What the services hold of a script. */
export interface ServicesImage {
  readonly metrics: MetricsImage
  readonly storage: StorageImage
  readonly http: HttpImage
}

/** What the services hold of one script, through all its generations. */
export class ScriptServices {
  readonly metrics: Metrics = new Metrics()
  readonly storage: Storage
  readonly http: HttpRequests = new HttpRequests()
  readonly #empty: ServicesImage

  constructor(storageBytes: number) {
    this.storage = new Storage(storageBytes)
    this.#empty = this.save()
  }

  save(path?: string, keeper?: ArrayKeeper): ServicesImage {
    return { metrics: this.metrics.save(), storage: this.storage.save(path, keeper), http: this.http.save() }
  }

  /** Restores an image; without one, what a script begins with. What waits in it waits on if its answers are recorded. */
  restore({ metrics, storage, http }: ServicesImage = this.#empty, isRecorded = false): void {
    this.metrics.restore(metrics)
    this.storage.restore(storage)
    this.http.restore(http)
    if (!isRecorded) this.http.abandon('the game was restored')
  }

  /** Keeps what a generation uses, as it is installed. The requests of a script without one are ended. */
  install(generation: { readonly services?: { readonly series: ReadonlyMap<string, MetricSeries> } | undefined } | undefined): void {
    if (generation === undefined) this.http.drop()
    else this.metrics.keep(generation.services?.series ?? new Map())
  }

  /** Returns a function that undoes what happens from now on. */
  mark(): () => void {
    const metrics = this.metrics.save()
    const marks = [this.storage.mark(), this.http.mark()]
    return () => {
      this.metrics.restore(metrics)
      for (const undo of marks) undo()
    }
  }
}
