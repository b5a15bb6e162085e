import type { AnyTypedArray } from '../../bytes.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { GameImage, HeldInstance } from './game-image.ts'

type Words = AnyTypedArray

const PAGE = 16_384
const WORD = 4

/** An array in pages, each of which it may share with the same array of another time. */
interface Paged {
  readonly make: (buffer: ArrayBuffer) => Words
  readonly byteLength: number
  readonly pages: readonly Uint8Array[]
}

/** The image of a game that shares with the one before it what has not changed since. */
export interface PagedImage {
  /** The image without the content of its arrays. */
  readonly rest: GameImage
  readonly arrays: ReadonlyMap<string, Paged>
}

/** How arrays were packed, or what they were unpacked from: images share those that have not changed. */
const packed = new WeakMap<Words, Paged>()

/** Takes an image apart, and keeps of it what differs from the image before. */
export function packImage(image: GameImage, before: PagedImage | undefined): PagedImage {
  const arrays = new Map<string, Paged>()
  const rest = mapArrays(image, (path, array) => {
    arrays.set(path, packArray(array, before?.arrays.get(path)))
    // A view would keep the whole array.
    return array.slice(0, 0) as typeof array
  })
  return { rest, arrays }
}

export function unpackImage({ rest, arrays }: PagedImage): GameImage {
  return mapArrays(rest, (path, array) => unpackArray(arrays.get(path) as Paged) as typeof array)
}

/** Every page of an image, those that it shares among them. */
export function* pagesOf({ arrays }: PagedImage): Generator<Uint8Array> {
  for (const { pages } of arrays.values()) yield* pages
}

function packArray(array: Words, before: Paged | undefined): Paged {
  const same = packed.get(array)
  if (same !== undefined) return same
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  const pages: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += PAGE) {
    const page = bytes.subarray(start, start + PAGE)
    const known = before?.pages[start / PAGE]
    pages.push(known !== undefined && sameBytes(page, known) ? known : page.slice())
  }
  const Type = array.constructor as new (buffer: ArrayBuffer) => Words
  const paged: Paged = { make: (buffer) => new Type(buffer), byteLength: bytes.length, pages }
  packed.set(array, paged)
  return paged
}

function unpackArray(paged: Paged): Words {
  const bytes = new Uint8Array(paged.byteLength)
  for (const [index, page] of paged.pages.entries()) bytes.set(page, index * PAGE)
  const array = paged.make(bytes.buffer)
  packed.set(array, paged)
  return array
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  if (one.length % WORD !== 0 || one.byteOffset % WORD !== 0 || other.byteOffset % WORD !== 0) return sameNumbers(one, other)
  return sameNumbers(wordsOf(one), wordsOf(other))
}

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / WORD)
}

function sameNumbers<Numbers extends Uint8Array | Uint32Array>(one: Numbers, other: Numbers): boolean {
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}

/** The image with each of its arrays in the place of which `map` gives another of the same type. */
function mapArrays(image: GameImage, map: <Type extends Words>(path: string, array: Type) => Type): GameImage {
  const { world } = image
  const mapInstance = (path: string, instance: InstanceImage): InstanceImage => ({
    ...instance,
    memories: instance.memories.map((parts, index) => parts.map((part, place) => map(`${path}.${index}.${place}`, part))),
  })
  const mapHeld = (path: string, { instance, image: held }: HeldInstance): HeldInstance => ({ instance, image: mapInstance(path, held) })
  let query = 0
  return {
    ...image,
    deaths: map('deaths', image.deaths),
    world: {
      ...world,
      ids: map('ids', world.ids),
      births: { ...world.births, numbers: map('births', world.births.numbers) },
      masks: world.masks.map((mask, index) => map(`mask ${index}`, mask)),
      queries: new Map(
        [...world.queries].map(([key, members]) => {
          const path = `query ${query++}`
          return [key, { ...members, members: map(path, members.members), leaving: map(`${path} leaving`, members.leaving) }]
        }),
      ),
    },
    fields: image.fields.map(({ name, fields }) => ({
      name,
      fields: new Map(
        [...fields].map(([field, value]) => [
          field,
          value.kind === 'typed' ? { ...value, values: map(`${name}.${field}`, value.values) } : value,
        ]),
      ),
    })),
    scripts: image.scripts.map((script) => ({
      ...script,
      random: map(`${script.id} random`, script.random),
      attachment: { ...script.attachment, told: map(`${script.id} told`, script.attachment.told) },
      results: new Map(
        [...script.results].map(([key, result]) => [key, { ...result, entities: map(`${script.id} result ${key}`, result.entities) }]),
      ),
      own: mapHeld(`${script.id} memory`, script.own),
      entities: new Map([...script.entities].map(([entity, held]) => [entity, mapHeld(`${script.id} memory of ${entity}`, held)])),
    })),
  }
}
