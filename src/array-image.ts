import { type AnyTypedArray, bytesOf, TYPED_ARRAYS, type TypedArrayName, typeNameOf } from './bytes.ts'

/** A saved copy of an array's content. */
export interface ArrayImage<Values extends AnyTypedArray = AnyTypedArray> {
  readonly type: TypedArrayName
  /** The number of elements. */
  readonly length: number
  /** Returns the content. The caller must not write to it. */
  read(): Values
  /** Writes the content to the start of an array of the same type. */
  writeTo(target: Values): void
}

/** Takes images of arrays. `path` identifies an array: it is unique within one snapshot and the same in every snapshot. */
export interface ArrayKeeper {
  /** Returns an image of an array. `known` is an earlier image whose content is known to be equal. */
  keep<Values extends AnyTypedArray>(path: string, values: Values, known?: ArrayImage<Values>): ArrayImage<Values>
  /** Returns an image of 32-bit integers. Elements that are missing or not numbers become 0. */
  keepIntegers(path: string, list: ArrayLike<number>): ArrayImage<Uint32Array>
}

/** An image that holds its own copy of the array. */
export class ArrayCopy<Values extends AnyTypedArray = AnyTypedArray> implements ArrayImage<Values> {
  readonly #values: Values

  /** Takes ownership: the caller must not write to `values` afterwards. */
  constructor(values: Values) {
    this.#values = values
  }

  get type(): TypedArrayName {
    return typeNameOf(this.#values)
  }

  get length(): number {
    return this.#values.length
  }

  read(): Values {
    return this.#values
  }

  writeTo(target: Values): void {
    bytesOf(target).set(bytesOf(this.#values))
  }
}

/** Copies every array into the copy that it made before of the array with the same path, whose images change. */
export class ArrayReuse implements ArrayKeeper {
  readonly #copies = new Map<string, ArrayCopy>()

  keep<Values extends AnyTypedArray>(path: string, values: Values): ArrayImage<Values> {
    const known = this.#copies.get(path)
    if (known !== undefined && known.type === typeNameOf(values) && known.length === values.length) {
      bytesOf(known.read()).set(bytesOf(values))
      return known as unknown as ArrayImage<Values>
    }
    const copy = new ArrayCopy(copyOf(values))
    this.#copies.set(path, copy as unknown as ArrayCopy)
    return copy
  }

  keepIntegers(path: string, list: ArrayLike<number>): ArrayImage<Uint32Array> {
    return this.keep(path, new Uint32Array(list))
  }
}

/** Copies every array. */
export const COPIES: ArrayKeeper = {
  keep: (_, values, known) => (known instanceof ArrayCopy ? known : new ArrayCopy(copyOf(values))),
  keepIntegers: (_, list) => new ArrayCopy(new Uint32Array(list)),
}

/** Copies with the constructor: `slice` zeroes the copy first, and a subclass may override it. */
function copyOf<Values extends AnyTypedArray>(values: Values): Values {
  const Type = TYPED_ARRAYS[typeNameOf(values)] as unknown as new (values: Values) => Values
  return new Type(values)
}

/** Returns a new array with the content of an image. */
export function arrayFrom<Values extends AnyTypedArray>(image: ArrayImage<Values>): Values {
  const Type = TYPED_ARRAYS[image.type] as unknown as new (length: number) => Values
  const values = new Type(image.length)
  image.writeTo(values)
  return values
}
