import { type AnyTypedArray, bytesOf, TYPED_ARRAYS, type TypedArrayName, typeNameOf } from './bytes.ts'

/** The content of an array at one moment. */
export interface ArrayImage<Values extends AnyTypedArray = AnyTypedArray> {
  readonly type: TypedArrayName
  /** Elements of the array. */
  readonly length: number
  /** Returns the content. Nobody may write to it. */
  read(): Values
  /** Writes the content to the beginning of an array of the same type. */
  writeTo(target: Values): void
}

/** Takes the images of all arrays of one moment. A path tells each array from the others, and names the same array the next time. */
export interface ArrayKeeper {
  /** Returns an image of an array. `known` is an earlier one that is known to have the same content. */
  keep<Values extends AnyTypedArray>(path: string, values: Values, known?: ArrayImage<Values>): ArrayImage<Values>
  /** Returns an image of integers of 32 bits. What the list has no number for becomes 0. */
  keepIntegers(path: string, list: ArrayLike<number>): ArrayImage<Uint32Array>
}

/** An image that has an array of its own. */
export class ArrayCopy<Values extends AnyTypedArray = AnyTypedArray> implements ArrayImage<Values> {
  readonly #values: Values

  /** Nobody may write to `values` any more. */
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

/** Copies every array. */
export const COPIES: ArrayKeeper = {
  keep: (_, values, known) => (known instanceof ArrayCopy ? known : new ArrayCopy(copyOf(values))),
  keepIntegers: (_, list) => new ArrayCopy(new Uint32Array(list)),
}

/** Copies in one step: `slice` fills the copy with zeros first, and that of a subclass may return no copy. */
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
