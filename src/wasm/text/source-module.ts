/** A script's module and its source. */
export interface SourceModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The file name in locations. */
  readonly file: string
  /** The WAT text from which the module was assembled; left out if it was loaded as a binary. */
  readonly text?: string
}
