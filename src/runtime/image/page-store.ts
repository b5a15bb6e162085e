import { type ArrayImage, type ArrayKeeper, arrayFrom } from '../../array-image.ts'
import { type AnyTypedArray, bytesOf, TYPED_ARRAYS, type TypedArrayName, typeNameOf } from '../../bytes.ts'
import { PAGE_SIZE, type Page, PageMemory } from './page-memory.ts'

type PagedArrays = ReadonlyMap<string, PagedArray>

/**
 * Images of many moments, whose arrays are pages. Images share the pages that are the same at the same place of the same
 * array, and a page that no image holds any more is used again.
 */
export class PageStore {
  readonly #memory = new PageMemory()
  /** The arrays of each image, in the order in which the images were taken. */
  readonly #images = new Map<object, PagedArrays>()
  #latest: PagedArrays | undefined

  /** Bytes of all pages that images hold. */
  get bytes(): number {
    return this.#memory.bytesUsed
  }

  /** The images that are held, in the order in which they were taken. */
  get images(): Iterable<object> {
    return this.#images.keys()
  }

  /** Returns the image that `capture` takes, and holds it until {@link release}. Shares pages with the latest image that is held. */
  take<Image extends object>(capture: (keeper: ArrayKeeper) => Image): Image {
    const keeper = new PageKeeper(this.#memory, this.#latest)
    try {
      const image = capture(keeper)
      this.#images.set(image, keeper.arrays)
      this.#latest = keeper.arrays
      return image
    } catch (error) {
      releaseAll(keeper.arrays)
      throw error
    }
  }

  /** Ends an image: its arrays must not be read any more. */
  release(image: object): void {
    const arrays = this.#images.get(image)
    if (arrays === undefined) return
    this.#images.delete(image)
    releaseAll(arrays)
    if (arrays === this.#latest) this.#latest = [...this.#images.values()].at(-1)
  }
}

function releaseAll(arrays: PagedArrays): void {
  for (const array of arrays.values()) array.release()
}

/** Takes the arrays of one image. */
class PageKeeper implements ArrayKeeper {
  readonly arrays = new Map<string, PagedArray>()
  readonly #memory: PageMemory
  readonly #before: PagedArrays | undefined

  constructor(memory: PageMemory, before: PagedArrays | undefined) {
    this.#memory = memory
    this.#before = before
  }

  keep<Values extends AnyTypedArray>(path: string, values: Values, known?: ArrayImage<Values>): ArrayImage<Values> {
    const before = this.#before?.get(path)
    if (before !== undefined && before === (known as ArrayImage | undefined)) return this.#hold(path, before) as PagedArray<Values>
    const bytes = bytesOf(values)
    const write = (page: Page, from: number, size: number): void => this.#memory.write(page, bytes.subarray(from, from + size))
    return this.#hold(path, this.#page(before, typeNameOf(values), values.length, write)) as PagedArray<Values>
  }

  keepIntegers(path: string, list: ArrayLike<number>): ArrayImage<Uint32Array> {
    const write = (page: Page, from: number, size: number): void =>
      this.#memory.writeIntegers(page, list, from / Uint32Array.BYTES_PER_ELEMENT, size / Uint32Array.BYTES_PER_ELEMENT)
    return this.#hold(path, this.#page(this.#before?.get(path), 'Uint32Array', list.length, write)) as PagedArray<Uint32Array>
  }

  #hold(path: string, array: PagedArray): PagedArray {
    array.holders++
    this.arrays.set(path, array)
    return array
  }

  /** Returns an array in pages: those of `before` where they are the same. To write first and compare then is the fastest. */
  #page(
    before: PagedArray | undefined,
    type: TypedArrayName,
    length: number,
    write: (page: Page, from: number, size: number) => void,
  ): PagedArray {
    const bytes = length * TYPED_ARRAYS[type].BYTES_PER_ELEMENT
    const pages: Page[] = []
    let isSame = before?.type === type && before.length === length
    for (let from = 0; from < bytes; from += PAGE_SIZE) {
      const size = Math.min(PAGE_SIZE, bytes - from)
      const page = this.#memory.allocate(size)
      write(page, from, size)
      const known = before?.pages[pages.length]
      if (known !== undefined && this.#memory.same(page, known, size)) {
        this.#memory.free(page)
        pages.push(known)
      } else {
        isSame = false
        pages.push(page)
      }
    }
    return isSame && before !== undefined ? before : new PagedArray(this.#memory, type, length, pages)
  }
}

/** The content of an array, in pages that other images may hold, too. */
class PagedArray<Values extends AnyTypedArray = AnyTypedArray> implements ArrayImage<Values> {
  /** How many images hold it. */
  holders = 0
  readonly type: TypedArrayName
  readonly length: number
  readonly pages: readonly Page[]
  readonly #memory: PageMemory

  constructor(memory: PageMemory, type: TypedArrayName, length: number, pages: readonly Page[]) {
    this.#memory = memory
    this.type = type
    this.length = length
    this.pages = pages
    for (const page of pages) page.holders++
  }

  read(): Values {
    return arrayFrom(this)
  }

  writeTo(target: Values): void {
    if (this.holders === 0) throw new Error('an image was read after its release')
    const bytes = bytesOf(target)
    const end = this.length * target.BYTES_PER_ELEMENT
    for (const [index, page] of this.pages.entries()) {
      const at = index * PAGE_SIZE
      this.#memory.copyTo(page, Math.min(PAGE_SIZE, end - at), bytes, at)
    }
  }

  /** Ends the hold of one image. */
  release(): void {
    if (--this.holders > 0) return
    for (const page of this.pages) if (--page.holders === 0) this.#memory.free(page)
  }
}
