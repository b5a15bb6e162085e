import { type ArrayImage, type ArrayKeeper, arrayFrom } from '../../array-image.ts'
import { type AnyTypedArray, bytesOf, type TypedArrayName, typeNameOf } from '../../bytes.ts'
import { PAGE_SIZE, type Page, PageMemory } from './page-memory.ts'

/** 32-bit integers in a page. */
const PAGE_INTEGERS = PAGE_SIZE / Uint32Array.BYTES_PER_ELEMENT

type PagedArrays = ReadonlyMap<string, PagedArray>

/**
 * Stores images whose arrays are divided into pages. Images share the pages that have the same content at the same position
 * of the same array. A page that no image uses is reused.
 */
export class PageStore {
  readonly #memory = new PageMemory()
  /** The arrays of each image, in the order in which the images were taken. */
  readonly #images = new Map<object, PagedArrays>()
  #latest: PagedArrays | undefined

  /** Bytes of all pages in use. */
  get bytes(): number {
    return this.#memory.bytesUsed
  }

  /** The images that have not been released, in the order in which they were taken. */
  get images(): Iterable<object> {
    return this.#images.keys()
  }

  /** Stores the image that `capture` returns until {@link release}, and returns it. It shares pages with the latest image. */
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

  /** Releases an image. Its arrays must not be read afterwards. */
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

/** Stores the arrays of one image. */
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
    const pages: Page[] = []
    for (let from = 0; from < bytes.length; from += PAGE_SIZE) {
      pages.push(this.#memory.keep(bytes.subarray(from, from + PAGE_SIZE), before?.pages[pages.length]))
    }
    return this.#share(path, before, typeNameOf(values), values.length, pages) as PagedArray<Values>
  }

  keepIntegers(path: string, list: ArrayLike<number>): ArrayImage<Uint32Array> {
    const before = this.#before?.get(path)
    const pages: Page[] = []
    for (let from = 0; from < list.length; from += PAGE_INTEGERS) {
      const to = Math.min(from + PAGE_INTEGERS, list.length)
      pages.push(this.#memory.keepIntegers(list, from, to, before?.pages[pages.length]))
    }
    return this.#share(path, before, 'Uint32Array', list.length, pages) as PagedArray<Uint32Array>
  }

  /** Adds an array of these pages to the image. Reuses the array of the image before if it is the same. */
  #share(path: string, before: PagedArray | undefined, type: TypedArrayName, length: number, pages: readonly Page[]): PagedArray {
    const isSame = before?.type === type && before.length === length && before.pages.every((page, index) => page === pages[index])
    return this.#hold(path, isSame ? before : new PagedArray(this.#memory, type, length, pages))
  }

  #hold(path: string, array: PagedArray): PagedArray {
    array.holders++
    this.arrays.set(path, array)
    return array
  }
}

/** The content of an array in pages, which other arrays may share. */
class PagedArray<Values extends AnyTypedArray = AnyTypedArray> implements ArrayImage<Values> {
  /** The number of images that use it. */
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

  /** Removes it from one image. Frees the pages that no array uses any more. */
  release(): void {
    if (--this.holders > 0) return
    for (const page of this.pages) if (--page.holders === 0) this.#memory.free(page)
  }
}
